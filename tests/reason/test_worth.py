"""What a reader is told of a mode follows from the recorded table."""

from __future__ import annotations

from basicchat.reason.modes import MODES
from basicchat.reason.worth import FEWEST, NOT_BETTER, PLAIN, UNMEASURED, Worth, recorded, remark
from basicchat.ui import render


def row(mode: str, right: int, *, asked: int = FEWEST, direct: int = 5) -> Worth:
    return Worth("small", "gsm8k", mode, asked, right, direct, 2.0, 50.0)


def test_a_mode_that_beats_direct_nowhere_says_so() -> None:
    assert remark("debate", [row("debate", 5), row("debate", 4)]) == NOT_BETTER
    assert remark("debate", [row("debate", 5), row("debate", 6)]) == ""


def test_a_mode_that_was_not_measured_or_hardly_says_that() -> None:
    assert remark("debate", []) == UNMEASURED
    assert remark("debate", [row("debate", 9, asked=FEWEST - 1)]) == UNMEASURED
    assert remark("debate", [row("agent", 9)]) == UNMEASURED
    assert all(remark(mode, []) == "" for mode in PLAIN)


def test_the_gain_is_in_points() -> None:
    assert row("agent", 9, asked=40).gain == 10.0


def test_the_recorded_table_is_sound_and_the_picker_says_what_follows_from_it() -> None:
    for each in recorded():
        assert each.mode in MODES
        assert 0 <= each.right <= each.asked >= each.direct >= 0
    for mode in MODES:
        assert render.MODE_HELP[mode].endswith(remark(mode, recorded()))
