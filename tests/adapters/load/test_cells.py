from __future__ import annotations

from datetime import date, datetime, time

import pytest

from basicchat.adapters.load.cells import cell_of, column_names, is_header, markdown_table, merge_heads, shown, table_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (3.0, "3"),
        (0.1 + 0.2, "0.3"),
        (1e20, "1e+20"),
        (True, "TRUE"),
        (date(2024, 1, 31), "2024-01-31"),
        (datetime(2024, 1, 31), "2024-01-31"),  # noqa: DTZ001
        (datetime(2024, 1, 31, 12, 30), "2024-01-31 12:30:00"),  # noqa: DTZ001
        (time(12, 30), "12:30:00"),
        (" two \n lines ", "two lines"),
    ],
)
def test_values_as_people_see_them(value: object, text: str) -> None:
    assert shown(value) == text


def test_values_as_a_table_keeps_them() -> None:
    cells = [3.0, 2.5, "", " a ", True, None, date(2024, 1, 31)]
    assert [cell_of(cell) for cell in cells] == [3, 2.5, None, "a", True, None, "2024-01-31"]


def test_markdown() -> None:
    assert markdown_table([["a", "b|c"], ["1\n2"]]) == "| a | b\\|c |\n| --- | --- |\n| 1 2 |  |"
    assert markdown_table([]) == ""


@pytest.mark.parametrize(
    ("row", "header"),
    [
        (["a", "b"], True),
        (["a", "a"], False),
        (["a", 7], False),
        (["", 2023, 2024], True),
        ([2023, 2024], False),
        (["", ""], False),
        (["x" * 200, "b"], False),
    ],
)
def test_headers(row: list[object], header: bool) -> None:
    assert is_header(row) is header


def test_every_column_has_a_name_of_its_own() -> None:
    assert column_names(["a", "A", "", "a"], 5) == ("a", "A 2", "column 3", "a 3", "column 5")
    assert merge_heads(["Plan", "Plan", ""], ["2023", "Plan", "x"]) == ["Plan 2023", "Plan", "x"]


def test_what_is_a_table() -> None:
    table = table_of([["a", "b"], [1, ""], [2]], name="t")
    assert table is not None
    assert (table.columns, table.rows) == (("a", "b"), ((1, None), (2, None)))
    assert table_of([["a", "b"]], name="t") is None
    assert table_of([["a"], ["b"]], name="t") is None
    assert table_of([], name="t") is None
