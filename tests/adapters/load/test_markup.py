"""What AsciiDoc, reStructuredText and LaTeX promise alike: no word is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.adapters.load.asciidoc import AsciidocLoader
from basicchat.adapters.load.latex import LatexLoader
from basicchat.adapters.load.rst import RstLoader
from basicchat.core.types import LoadedDocument


def read(tmp_path: Path, loader: AsciidocLoader | RstLoader | LatexLoader, text: str) -> LoadedDocument:
    (tmp_path / "source").write_text(text, encoding="utf-8")
    return next(loader.load(tmp_path / "source"))


@pytest.mark.parametrize("loader", [AsciidocLoader(), RstLoader(), LatexLoader()])
@pytest.mark.parametrize("text", ["====\n", "|===\n|a", "%", "\\begin{x}", ".. \n", "[]", "----"])
def test_marks_alone_are_words_too(tmp_path: Path, loader: AsciidocLoader | RstLoader | LatexLoader, text: str) -> None:
    assert read(tmp_path, loader, text).pages[0].text


@given(st.lists(st.text(alphabet="ab\n=-~|*_`:.[]{}\\%$#<> ", max_size=30), max_size=12))
def test_no_word_of_plain_lines_is_lost(tmp_path_factory: pytest.TempPathFactory, noise: list[str]) -> None:
    folder = tmp_path_factory.getbasetemp()
    text = "\n\n".join(["First paragraph", *noise]) + "\n\n"
    for loader in (AsciidocLoader(), RstLoader(), LatexLoader()):
        assert "First paragraph" in read(folder, loader, text).pages[0].text
