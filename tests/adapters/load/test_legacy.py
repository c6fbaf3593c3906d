from __future__ import annotations

from pathlib import Path

import pytest

from basicchat.adapters.load.legacy import LegacyLoader
from basicchat.core.errors import UnreadableDocument


@pytest.mark.parametrize(("name", "suffix"), [("a.doc", ".docx"), ("a.ppt", ".pptx")])
def test_what_cannot_be_read_names_the_format_to_save_it_in(tmp_path: Path, name: str, suffix: str) -> None:
    path = tmp_path / name
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + b"junk" * 1000)
    with pytest.raises(UnreadableDocument) as caught:
        list(LegacyLoader().load(path))
    assert f"save it as {suffix}" in caught.value.hint


@pytest.mark.evals
def test_the_words_of_real_files(evals: Path) -> None:
    root = evals / "docs-docling"
    (word,) = LegacyLoader().load(root / "doc" / "legacy_sample.doc")
    assert "first lay down in a water" in word.pages[0].text
    (slides,) = LegacyLoader().load(root / "ppt" / "legacy_sample.ppt")
    assert [page.label for page in slides.pages] == ["Slide 1", "Slide 2", "Slide 3"]
    assert slides.pages[1].headings[0].text == "Second slide title"
    assert all("save it as" in document.warnings[0] for document in (word, slides))


@pytest.mark.evals
def test_damaged_files(evals: Path, tmp_path: Path) -> None:
    for source in ("doc/legacy_sample.doc", "ppt/legacy_sample.ppt"):
        data = (evals / "docs-docling" / source).read_bytes()
        for keep in (600, 5_000, len(data) // 2):
            path = tmp_path / "cut"
            path.write_bytes(data[:keep])
            try:
                list(LegacyLoader().load(path))
            except UnreadableDocument as error:
                assert error.hint  # noqa: PT017 - some cuts lose nothing that is needed
