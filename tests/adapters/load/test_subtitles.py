from __future__ import annotations

from pathlib import Path

import pytest

from basicchat.adapters.load.subtitles import SubtitleLoader, clock
from basicchat.core.errors import UnreadableDocument

VTT = """WEBVTT - A talk

NOTE not said

STYLE
::cue { color: red }

1
00:01.000 --> 00:02.500 align:start
<v Anna>The <i>harbour</i> &amp; quay</v>

00:02.500 --> 00:04.000
<v Anna>is open.</v>

01:00:10.000 --> 01:00:11.000
<v Ben>Later.</v>
"""


def read(tmp_path: Path, text: str):
    (tmp_path / "talk.vtt").write_text(text)
    return next(SubtitleLoader().load(tmp_path / "talk.vtt"))


def test_lines_have_their_times_and_speakers(tmp_path: Path) -> None:
    loaded = read(tmp_path, VTT)
    (page,) = loaded.pages
    assert loaded.title == "A talk"
    assert page.text == "Anna: The harbour & quay\nis open.\n\nBen: Later."
    assert [anchor.name for anchor in page.anchors] == ["0:01", "0:02", "1:00:10"]
    assert [page.text[anchor.start :][:4] for anchor in page.anchors] == ["Anna", "is o", "Ben:"]


def test_srt(tmp_path: Path) -> None:
    loaded = read(
        tmp_path, "1\n00:00:01,000 --> 00:00:02,000\n{\\an8}<b>Two\nlines</b>\n\n2\n00:01:30,5 --> 00:01:31,5\nx"
    )
    assert loaded.pages[0].text == "Two\nlines\n\nx"
    assert [anchor.name for anchor in loaded.pages[0].anchors] == ["0:01", "1:30"]
    assert loaded.title == "talk"


def test_a_line_that_rolls_up_is_read_once(tmp_path: Path) -> None:
    cues = "".join(f"00:0{second}.000 --> 00:0{second + 1}.000\nsame\n\n" for second in range(3))
    assert read(tmp_path, f"WEBVTT\n\n{cues}").pages[0].text == "same"


def test_words_without_times_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="no subtitles"):
        read(tmp_path, "WEBVTT\n\nwords")


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0:00"), (90.9, "1:30"), (3723, "1:02:03")])
def test_times_as_people_write_them(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown
