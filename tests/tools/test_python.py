"""The tool that runs Python, over a fake; the sandboxes are tested for themselves."""

from __future__ import annotations

import pytest

from basicchat.core.errors import InvalidInput
from basicchat.core.shown import Channel, Chart
from basicchat.core.tools import Ran, Rows, Text
from basicchat.testing.tools import ScriptedSandbox, toolkit


@pytest.mark.parametrize(
    ("ran", "parts"),
    [
        (Ran("hello\n", 3), (Text("hello"), Text("3"))),
        (Ran("", "text"), (Text("text"),)),
        (Ran("", [1, 2]), (Text("[1, 2]"),)),
        (Ran("", [{"n": 1, "x": "a"}, {"n": 2, "x": None}]), (Rows(("n", "x"), ((1, "a"), (2, None))),)),
        (Ran("", [{"n": 1}, {"m": 2}]), (Text('[{"n": 1}, {"m": 2}]'),)),
        (Ran("", None), (Text("The code ran, printed nothing, and its last line has no value."),)),
    ],
)
def test_what_comes_back(run, ran: Ran, parts: tuple[object, ...]) -> None:
    sandbox = ScriptedSandbox(ran)
    assert run("python", toolkit(sandbox=sandbox), code="x").parts == parts
    assert sandbox.codes == ["x"]


def test_an_error_of_the_code_is_told_with_what_it_printed(run) -> None:
    with pytest.raises(InvalidInput, match="ZeroDivisionError") as caught:
        run("python", toolkit(sandbox=ScriptedSandbox(Ran("so far\n", error="ZeroDivisionError: x"))), code="1/0")
    assert "so far" in caught.value.hint


CHART = {"chart": "bar", "x": ["May", "June"], "y": [3, 4], "title": "Costs"}


def test_a_chart_is_data_that_is_drawn(run) -> None:
    drawn = Chart("bar", ("x", "y"), (("May", 3), ("June", 4)), Channel("x", "nominal"), Channel("y", "quantitative"))
    (part,) = run("python", toolkit(sandbox=ScriptedSandbox(Ran("", {**CHART, "title": ""}))), code="x").parts
    assert part == drawn


def test_several_charts_and_tables_at_once(run) -> None:
    value = [CHART, [{"n": 1}], "and so on"]
    parts = run("python", toolkit(sandbox=ScriptedSandbox(Ran("", value))), code="x").parts
    assert [type(part) for part in parts] == [Chart, Rows, Text]


def test_a_chart_that_cannot_be_drawn_says_why(run) -> None:
    for value in ({**CHART, "y": [1]}, {**CHART, "href": "https://evil.example"}, [CHART] * 9):
        with pytest.raises(InvalidInput):
            run("python", toolkit(sandbox=ScriptedSandbox(Ran("", value))), code="x")
