from __future__ import annotations

import pytest

from basicchat.adapters.load.grid import blocks_of, column_index, column_letters, fill_merged


@pytest.mark.parametrize(("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_columns_have_letters(index: int, letters: str) -> None:
    assert column_letters(index) == letters
    assert column_index(letters) == index


def test_tables_beside_and_under_each_other() -> None:
    blocks = blocks_of(
        [
            ["a", "b", "", "c", "d"],
            [1, 2, "", 3, 4],
            ["", "", "", "", ""],
            ["", "", "", "", ""],
            ["e", "f", "", "", ""],
            [5, 6, "", "", ""],
        ]
    )
    assert [block.head for block in blocks] == [["a", "b"], ["c", "d"], ["e", "f"]]
    assert [block.range_of(block.rows[0], block.rows[-1]) for block in blocks] == ["A2:B2", "D2:E2", "A6:B6"]


def test_a_title_stands_above_its_table() -> None:
    (block,) = blocks_of([["Reading list", "", ""], ["Title", "Year", "By"], ["Ulysses", 1922, "Joyce"]])
    assert (block.titles, block.head) == (["Reading list"], ["Title", "Year", "By"])


def test_a_table_goes_on_after_an_empty_row() -> None:
    (block,) = blocks_of([["Item", "Paid"], ["Oak", 1], ["", ""], ["Tar", 2], ["Total", 3]])
    assert [row.number for row in block.rows] == [1, 3, 4]


def test_a_head_of_two_rows() -> None:
    (block,) = blocks_of([["", "Plan", "Plan"], ["Item", "2023", "2024"], ["Oak", 1, 2]])
    assert block.head == ["Item", "Plan 2023", "Plan 2024"]


def test_years_name_columns_and_numbers_do_not() -> None:
    assert blocks_of([["", 2023, 2024], ["Oak", 1, 2]])[0].head == ["column 1", "2023", "2024"]
    assert blocks_of([["Oak", 7, 12], ["Tar", 1, 2]])[0].head is None


def test_an_empty_sheet() -> None:
    assert blocks_of([]) == []
    assert blocks_of([["", None]]) == []


def test_merged_cells() -> None:
    grid: list[list[object]] = [["a", ""], [1, ""]]
    assert fill_merged(grid, [((0, 0), (0, 1)), ((1, 0), (1, 1)), ((9, 9), (9, 10))]) == {(1, 1)}
    assert grid == [["a", "a"], [1, 1]]
