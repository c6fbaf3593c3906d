from __future__ import annotations

import pytest

from basicchat.adapters.load.ocr_layout import Piece, lay_out, upright

SIZE = (1000, 1400)


def piece(text: str, left: float, top: float, width: float, height: float = 20) -> Piece:
    return Piece(text, left, top, left + width, top + height)


def words(pieces: list[Piece], turned: int = 0) -> list[str]:
    return [" ".join(one.text for one in line) for line in lay_out(pieces, size=SIZE, turned=turned)]


def test_a_receipt_is_read_by_rows() -> None:
    rows = [("1 Coke", "2.50"), ("2 Fries", "5.00"), ("Tax", "0.45"), ("TOTAL", "7.95")]
    pieces = [piece(price, 800, 103 + 40 * at, 80) for at, (_, price) in enumerate(rows)]
    pieces += [piece(item, 50, 100 + 40 * at, 150) for at, (item, _) in enumerate(rows)]
    assert words(pieces) == ["1 Coke 2.50", "2 Fries 5.00", "Tax 0.45", "TOTAL 7.95"]


def test_columns_are_read_one_after_the_other() -> None:
    pieces = [piece("A heading over both", 100, 20, 800)]
    pieces += [piece(f"left {at}", 50, 100 + 30 * at, 400) for at in range(4)]
    pieces += [piece(f"right {at}", 550, 105 + 30 * at, 400) for at in range(4)]
    assert words(pieces) == [
        "A heading over both",
        *(f"left {at}" for at in range(4)),
        *(f"right {at}" for at in range(4)),
    ]


def test_text_that_runs_down_the_margin_comes_last() -> None:
    pieces = [piece("arXiv 2206", 10, 50, 20, 600), piece("First", 100, 100, 300), piece("Second", 100, 140, 300)]
    assert words(pieces) == ["First", "Second", "arXiv 2206"]


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_turned_page_is_read_as_if_upright(turned: int) -> None:
    first, second = piece("First", 100, 100, 300), piece("Second", 100, 140, 300)
    # Turning the upright page by the rest of a full turn gives the picture that is to be turned back.
    size = SIZE if turned in (0, 180) else SIZE[::-1]
    seen = [upright(one, size=SIZE, turned=(360 - turned) % 360) for one in (second, first)]
    lines = lay_out(seen, size=size, turned=turned)
    assert [line[0].text for line in lines] == ["First", "Second"]
    assert lines[0][0] == seen[1], "the place is that in the picture"


def test_every_piece_comes_once() -> None:
    pieces = [piece(str(at), at * 37 % 900, at * 91 % 1300, 30 + at % 400) for at in range(200)]
    assert sorted(" ".join(words(pieces)).split(), key=int) == [str(at) for at in range(200)]


def test_nothing_gives_nothing() -> None:
    assert lay_out([], size=SIZE) == []
