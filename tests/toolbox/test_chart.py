"""Charts: what is drawn, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from basicchat.core.codec import from_json, to_json
from basicchat.core.errors import InvalidInput
from basicchat.core.shown import Channel, Chart, Rows
from basicchat.core.tools import Text, ToolResult
from basicchat.core.types import ToolUse
from basicchat.toolbox.chart import MOST_POINTS, chart_of, is_chart
from basicchat.toolbox.result import Budget, exhibits, limited, text_of

VALUES = [{"month": "2026-01-31", "cost": 3.5, "who": "Anna"}, {"month": "2026-02-28", "cost": 4, "who": "Bo"}]
SPEC: dict[str, Any] = {
    "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
    "mark": {"type": "line"},
    "data": {"values": VALUES},
    "encoding": {"x": {"field": "month"}, "y": {"field": "cost", "title": "Cost"}, "color": {"field": "who"}},
    "title": "Costs",
}


def test_a_part_of_vega_lite() -> None:
    assert is_chart(SPEC)
    chart = chart_of(SPEC)
    assert (chart.mark, chart.title, chart.columns) == ("line", "Costs", ("month", "cost", "who"))
    assert chart.rows == (("2026-01-31", 3.5, "Anna"), ("2026-02-28", 4, "Bo"))
    assert chart.x == Channel("month", "temporal")
    assert (chart.y, chart.colour) == (Channel("cost", "quantitative", "Cost"), Channel("who", "nominal"))


def test_the_short_form() -> None:
    chart = chart_of({"chart": "point", "rows": VALUES, "x": "month", "y": "cost"})
    assert (chart.mark, chart.y.column, chart.colour) == ("point", "cost", None)
    lines = chart_of({"chart": "line", "rows": [{"n": 1, "a": 2, "b": 3}], "x": "n", "y": ["a", "b"]})
    assert lines.rows == ((1, 2, "a"), (1, 3, "b"))
    assert lines.colour == Channel("series", "nominal")


def test_a_pie_has_slices() -> None:
    pie = {**SPEC, "mark": "arc", "encoding": {"theta": {"field": "cost"}, "color": {"field": "who"}}}
    assert (chart_of(pie).x.column, chart_of(pie).y.column) == ("who", "cost")


@pytest.mark.parametrize(
    "change",
    [
        {"data": {"url": "https://evil.example/data.json"}},
        {"data": {"values": VALUES, "url": "file:///etc/passwd"}},
        {"data": {"values": [{"month": {"signal": "x"}, "cost": 1}]}},
        {"data": {"values": []}},
        {"data": {"values": [{"month": "May", "cost": float("nan"), "who": "x"}]}},
        {"data": {"values": [{"month": "May" * 100, "cost": 1, "who": "x"}]}},
        {"data": {"values": VALUES * MOST_POINTS}},
        {"mark": {"type": "image", "url": "https://evil.example/a.png"}},
        {"mark": "image"},
        {"mark": {"type": "bar", "href": "https://evil.example"}},
        {"transform": [{"calculate": "datum.cost * 2", "as": "x"}]},
        {"params": [{"name": "p", "expr": "alert(1)"}]},
        {"usermeta": {"embedOptions": {"loader": {}}}},
        {"title": {"text": {"signal": "x"}}},
        {"encoding": {"x": {"field": "month"}}},
        {"encoding": {"x": {"field": "month"}, "y": {"field": "nowhere"}}},
        {"encoding": {"x": {"field": "month"}, "y": {"field": "cost"}, "href": {"field": "who"}}},
        {"encoding": {"x": {"field": "month"}, "y": {"field": "cost", "axis": {"labelExpr": "alert(1)"}}}},
    ],
)
def test_addresses_expressions_and_what_is_too_much_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        chart_of({**SPEC, **change})


def test_data_that_only_speaks_of_marks_is_no_chart() -> None:
    for value in ({"mark": 12, "name": "Anna"}, {"chart": "of the coast"}, [1], "bar", None):
        assert not is_chart(value)


def test_it_is_kept_with_the_answer_and_read_again() -> None:
    shown = exhibits(ToolResult((Text("x"), chart_of(SPEC), Rows(("n",), ((1,),)), Rows(("n",), ()))))
    assert [type(each) for each in shown] == [Chart, Rows]
    use = ToolUse("python", {"code": "x"}, "done", "said", shown=shown)
    assert from_json(ToolUse, json.loads(json.dumps(to_json(use)))) == use


def test_a_chart_is_whole_or_left_out() -> None:
    result = ToolResult((chart_of(SPEC),))
    assert limited(result, Budget()) is result
    cut = limited(result, Budget(output_bytes=40))
    assert cut.truncated
    assert cut.parts == (Text("[a chart that is too large]"),)


def test_a_model_reads_what_was_drawn() -> None:
    said = text_of(ToolResult((chart_of({"chart": "bar", "x": list(range(50)), "y": list(range(50))}),)))
    assert said.startswith("[bar chart, shown to the user: y by x]\nx | y\n0 | 0")
    assert said.endswith("19 | 19\n... and 30 more")
