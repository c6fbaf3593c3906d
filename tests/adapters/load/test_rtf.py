from __future__ import annotations

from pathlib import Path

import pytest

from basicchat.adapters.load.rtf import RtfLoader
from basicchat.core.errors import UnreadableDocument


def test_words_and_accents(tmp_path: Path) -> None:
    path = tmp_path / "a.rtf"
    path.write_bytes(rb"{\rtf1\ansi\ansicpg1252 {\b Der Hafen} ist ge\'f6ffnet.\par Im M\u228?rz.\par}")
    (document,) = RtfLoader().load(path)
    assert document.pages[0].text == "Der Hafen ist geöffnet.\nIm März."


@pytest.mark.parametrize("data", [b"", b"no rtf", b"{\\rtf1 }"])
def test_nothing_to_read(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.rtf"
    path.write_bytes(data)
    with pytest.raises(UnreadableDocument):
        list(RtfLoader().load(path))
