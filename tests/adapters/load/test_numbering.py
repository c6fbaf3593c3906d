from __future__ import annotations

from basicchat.adapters.load.numbering import Level, Numbering, letters, roman


def test_figures() -> None:
    assert [letters(number) for number in (1, 26, 27, 28, 0)] == ["a", "z", "aa", "bb", ""]
    assert [roman(number) for number in (1, 4, 9, 14, 40, 1999)] == ["i", "iv", "ix", "xiv", "xl", "mcmxcix"]


def test_counts_by_level() -> None:
    levels = {0: Level("decimal", "%1."), 1: Level("lowerLetter", "%1.%2)"), 2: Level("bullet", "•")}
    numbering = Numbering({"7": levels}, {"7": "1"})
    drawn = [numbering.next("7", depth) for depth in (0, 1, 1, 2, 0, 1)]
    assert drawn == ["1.", "1.a)", "1.b)", "", "2.", "2.a)"]
    assert numbering.next("8", 0) is None


def test_two_lists_of_one_kind_count_on_unless_told_to_restart() -> None:
    levels = {0: Level("decimal", "%1.")}
    numbering = Numbering({"1": levels, "2": levels, "3": levels}, dict.fromkeys("123", "a"), {"3": {0: 1}})
    assert [numbering.next(number, 0) for number in "12331"] == ["1.", "2.", "1.", "2.", "3."]
