from __future__ import annotations

from datetime import date, datetime

import pytest

from basicchat.core.columns import columns_of, is_total, number_of, safe_name, typed
from basicchat.core.types import Cell, Table


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1,200", 1200),
        ("$1,200.50", 1200.5),
        ("(1,200)", -1200),
        ("($3.5)", -3.5),
        ("-$12", -12),
        ("12%", 12),
        ("12.5 %", 12.5),
        ("USD 7", 7),
        ("1 234", 1234),
        ("3e3", 3000),
        (".5", 0.5),
        (7, 7),
        ("twelve", None),
        ("1.2.3", None),
        ("12,34", None),
        ("", None),
        (True, None),
    ],
)
def test_numbers(cell: Cell, number: float | None) -> None:
    assert number_of(cell) == number


def test_a_comma_before_the_decimals() -> None:
    assert typed(["1.234,50", "7,5"]) == ("DOUBLE", [1234.5, 7.5])
    assert typed(["1,234", "7"]) == ("BIGINT", [1234, 7])


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        ([1, 2.0, None], "BIGINT", [1, 2, None]),
        (["1", "2.5", "n/a"], "DOUBLE", [1, 2.5, None]),
        (["00123", "04567"], "VARCHAR", ["00123", "04567"]),
        (["2024-01-31", "2024-2-1"], "DATE", [date(2024, 1, 31), date(2024, 2, 1)]),
        (["31.12.2024"], "DATE", [date(2024, 12, 31)]),
        (["13/1/2024", "2/1/2024"], "DATE", [date(2024, 1, 13), date(2024, 1, 2)]),
        (["1/13/2024", "2/1/2024"], "DATE", [date(2024, 1, 13), date(2024, 2, 1)]),
        (["3/4/2024"], "VARCHAR", ["3/4/2024"]),
        (["2024-01-31 10:20:30", "2024-02-01"], "TIMESTAMP", [datetime(2024, 1, 31, 10, 20, 30), datetime(2024, 2, 1)]),  # noqa: DTZ001
        ([True, False], "BOOLEAN", [True, False]),
        (["red", 3], "VARCHAR", ["red", "3"]),
        ([None, None], "VARCHAR", [None, None]),
        ([], "VARCHAR", []),
    ],
)
def test_types(cells: list[Cell], kind: str, values: list[object]) -> None:
    assert typed(cells) == (kind, values)


def test_text_that_says_more_is_kept_beside() -> None:
    table = Table(
        "t",
        ("Share", "Plain", "Mostly"),
        (*((f"{n}%", str(n), str(n)) for n in range(19)), ("19%", "19", "see note")),
    )
    columns = columns_of(table)
    assert [column.name for column in columns] == [
        *("_row", "_total", "share", "share_text", "plain", "mostly", "mostly_text"),
    ]
    assert columns[-2].values[-1] is None
    assert columns[-1].values[-1] == "see note"


@pytest.mark.parametrize(
    ("row", "total"),
    [
        (("Total", 5), True),
        (("Subtotal Oak", "5"), True),
        (("", "Grand total:", 5.5), True),
        (("Gesamt", 5), True),
        (("Итого", 5), True),
        (("Oak", 5), False),
        (("Totality", 5), False),
        (("Summer", 5), False),
        (("Total", None), False),
        (("a", "b", "Total", 1), False),
    ],
)
def test_totals(row: tuple[Cell, ...], total: bool) -> None:
    assert is_total(row) is total


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Net Sales ($)", "net_sales"),
        ("2019", "c_2019"),
        ("", "column_3"),
        ("order", "order_"),
        ("Größe", "grösse"),
        ("_row", "row"),
    ],
)
def test_names(title: str, name: str) -> None:
    assert safe_name(title, 2, frozenset({"order"})) == name
