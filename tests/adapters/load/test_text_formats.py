"""All formats of text together, on real documents and on strings that break programs."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from pathlib import Path
from statistics import mean

import pytest

from basicchat.adapters.load import text_loaders
from basicchat.core.errors import UserError
from basicchat.evaluate.parsing import word_recall
from basicchat.ingest.clean import clean_document
from basicchat.ingest.detect import media_type_of
from basicchat.ingest.formats import ENDINGS, suffix_of

LOADERS = {kind: loader for loader in text_loaders() for kind in loader.media_types}


def test_every_format_is_one_that_can_be_told() -> None:
    assert set(LOADERS) <= set(ENDINGS)


@pytest.mark.evals
@pytest.mark.parametrize("folder", ["asciidoc", "epub", "html", "md", "webvtt"])
def test_real_documents_are_read_whole(evals: Path, folder: str) -> None:
    recalls = []
    for expected in sorted((evals / "docs-docling" / folder).glob("*.expected.md")):
        path = expected.with_name(expected.name.removesuffix(".expected.md"))
        pages = [page for loaded in LOADERS[media_type_of(path) or ""].load(path) for page in loaded.pages]
        recalls.append(word_recall(expected.read_text(encoding="utf-8"), "\n".join(page.text for page in pages)))
    assert recalls
    assert mean(recalls) >= 0.98


@pytest.mark.evals
def test_naughty_strings_as_text_and_as_names_crash_nothing(evals: Path, tmp_path: Path) -> None:
    with gzip.open(evals / "naughty-strings" / "blns.jsonl.gz", "rt", encoding="utf-8") as file:
        strings = [json.loads(line)["text"] for line in file]
    assert len(strings) == 461
    ended: dict[str, set[str]] = defaultdict(set)
    path = tmp_path / "stored"
    for kind, loader in LOADERS.items():
        for text in strings:
            for content, name in ((text, f"x{suffix_of(kind)}"), ("The harbour is open.", text)):
                path.write_bytes(content.encode("utf-8", "surrogatepass"))
                try:
                    for loaded in loader.load(path, name=name):
                        clean_document(loaded)
                    ended[kind].add("read")
                except UserError as error:
                    ended[kind].add(error.code)
    assert set().union(*ended.values()) <= {"read", "unreadable-document"}


@pytest.mark.evals
def test_naughty_names_mislead_nobody(evals: Path, tmp_path: Path) -> None:
    (tmp_path / "stored").write_bytes(b"%PDF-1.7")
    with gzip.open(evals / "naughty-strings" / "blns.jsonl.gz", "rt", encoding="utf-8") as file:
        assert {media_type_of(tmp_path / "stored", name=json.loads(line)["text"]) for line in file} == {
            "application/pdf"
        }
