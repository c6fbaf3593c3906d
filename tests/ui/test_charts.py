"""Charts as Vega-Lite."""

from __future__ import annotations

import json

from basicchat.toolbox.chart import chart_of
from basicchat.ui.charts import caption, vega_lite


def test_columns_get_names_that_mean_nothing() -> None:
    rows = [{"a.b[0]": 1, "datum['x']": 2}]
    spec = vega_lite(chart_of({"chart": "bar", "rows": rows, "x": "a.b[0]", "y": "datum['x']"}))
    assert spec["data"] == {"values": [{"c0": 1, "c1": 2}]}
    assert spec["encoding"]["x"] == {"field": "c0", "type": "ordinal", "title": "a.b[0]", "sort": None}
    assert spec["encoding"]["y"]["field"] == "c1"


def test_a_pie_and_series() -> None:
    pie = vega_lite(chart_of({"chart": "arc", "x": ["a", "b"], "y": [1, 2]}))
    assert set(pie["encoding"]) == {"theta", "color"}
    lines = chart_of({"chart": "line", "rows": [{"n": 1, "a": 2, "b": 3}], "x": "n", "y": ["a", "b"], "title": "Two"})
    assert vega_lite(lines)["encoding"]["color"]["title"] == "series"
    assert caption(lines) == "Two (value by n by series)"


def test_nothing_in_it_is_an_address_or_an_expression() -> None:
    words = "javascript:alert(1) https://evil.example <img src=x>"
    spec = vega_lite(chart_of({"chart": "bar", "x": [words], "y": [1], "title": words}))
    rest = {key: value for key, value in spec.items() if key != "data"}
    assert "evil" not in json.dumps(rest)
    assert not {"href", "url", "expr", "signal"} & set(json.dumps(rest).replace('"', " ").split())
