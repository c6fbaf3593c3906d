"""The shape table measures what it says."""

from __future__ import annotations

import ast
from textwrap import dedent
from typing import Any

import pytest


@pytest.fixture(scope="module")
def shape(script: Any) -> dict[str, Any]:
    return script("check_shape")


def function(source: str) -> ast.AST:
    return ast.parse(dedent(source)).body[0]


def test_our_own_tree_keeps_the_limits(shape: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert shape["main"](["--check"]) == 0
    assert "lines a module" in capsys.readouterr().out


def test_nesting_counts_blocks_and_not_elif(shape: dict[str, Any]) -> None:
    flat = "def f(x):\n    if x:\n        pass\n    elif not x:\n        pass\n    else:\n        pass\n"
    deep = "def f(x):\n    for y in x:\n        with y:\n            if y:\n                pass\n"
    inner = "def f(x):\n    if x:\n        def g():\n            if x:\n                pass\n"
    assert [shape["nesting"](function(source)) for source in (flat, deep, inner)] == [1, 3, 1]


@pytest.mark.parametrize(
    ("handler", "count"),
    [
        ("except Exception:\n    pass", 1),
        ("except:\n    x = 1", 1),
        ("except Exception as error:\n    show(error)", 0),
        ("except BaseException:\n    raise", 0),
        ("except ValueError:\n    pass", 0),
    ],
)
def test_swallowing(shape: dict[str, Any], handler: str, count: int) -> None:
    assert shape["swallowed"](ast.parse(f"try:\n    pass\n{handler}\n")) == count


def test_percentile_is_nearest_rank(shape: dict[str, Any]) -> None:
    assert shape["percentile"]([], 50) == 0
    assert shape["percentile"](list(range(1, 101)), 90) == 90


def test_reachable_finds_a_cycle(shape: dict[str, Any]) -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}
    assert "a" in shape["reachable"](graph, "a")
    assert "d" not in shape["reachable"](graph, "d")
