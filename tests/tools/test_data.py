"""JSON and CSV."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.core.errors import InvalidInput
from basicchat.core.tools import Rows
from tools.data import read, table

COSTS = '[{"item": "oak", "cost": 3}, {"item": "tar", "cost": 1}]'
SHEET = "item;cost;code\noak;3;007\ntar;1.5;\n"


def test_json_is_picked_from(say) -> None:
    assert json.loads(say("data", data=COSTS, query="[?cost > `2`].item")) == ["oak"]


def test_csv_is_read_with_its_numbers(say) -> None:
    assert json.loads(say("data", data=SHEET)) == [
        {"item": "oak", "cost": 3, "code": "007"},
        {"item": "tar", "cost": 1.5, "code": ""},
    ]


def test_one_becomes_the_other(run, say) -> None:
    assert run("data", data=COSTS, query="sort_by(@, &cost)", to="table").parts == (
        Rows(("item", "cost"), (("tar", 1), ("oak", 3))),
    )
    assert say("data", data=COSTS, to="csv") == "item,cost\noak,3\ntar,1\n"


def test_formulas_are_defused() -> None:
    assert read("a,b\n1,2") == [{"a": 1, "b": 2}]
    assert table([["=1+1"], [None, {"x": 1}]]).rows == (("=1+1", None), (None, '{"x": 1}'))


def test_a_spreadsheet_runs_nothing_of_it(say) -> None:
    assert say("data", data='[{"a": "=cmd()"}]', to="csv") == "a\n'=cmd()\n"


@pytest.mark.parametrize(
    ("data", "query"),
    [
        ("", "@"),
        ("{", "@"),
        (COSTS, "[?"),
        (COSTS, "nope(@)"),
        (COSTS, "x" * 3000),
        (COSTS, "sum(@)"),
        ("[" * 9999, "@"),
    ],
)
def test_what_makes_no_sense_is_told(say, data: str, query: str) -> None:
    with pytest.raises(InvalidInput):
        say("data", data=data, query=query)


@given(st.lists(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text()), min_size=1))
def test_a_table_keeps_every_cell(items: list[dict[str, object]]) -> None:
    rows = table(items)
    for item, row in zip(items, rows.rows, strict=True):
        found = dict(zip(rows.columns, row, strict=True))
        assert {name: found[name] for name in item} == item
