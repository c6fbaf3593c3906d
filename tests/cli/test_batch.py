"""Files of questions."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from basicchat.cli.batch import BatchQuestion, read_batch
from basicchat.core.errors import InvalidInput


def written(path: Path, *lines: str) -> Path:
    text = "\n".join(lines)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["questions.jsonl", "questions.jsonl.gz"])
def test_text_or_question(tmp_path: Path, name: str) -> None:
    file = written(tmp_path / name, '{"_id": "a", "text": "one"}', "", '{"_id": 2, "question": "zwölf"}')
    assert read_batch(file) == [BatchQuestion("a", "one"), BatchQuestion(2, "zwölf")]


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '{"text": "no id"}', '{"_id": true, "text": "x"}', '{"_id": "a"}', '{"_id": "a", "text": " "}'],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    file = written(tmp_path / "q.jsonl", '{"_id": "a", "text": "one"}', line)
    with pytest.raises(InvalidInput, match="line 2"):
        read_batch(file)


def test_an_empty_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no question"):
        read_batch(written(tmp_path / "q.jsonl", "", ""))


def test_a_file_that_is_not_gzip_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "q.jsonl.gz").write_bytes(b"plain text")
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_batch(tmp_path / "q.jsonl.gz")
