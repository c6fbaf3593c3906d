"""The tool that runs Python, over a fake; the sandboxes are tested for themselves."""

from __future__ import annotations

import pytest

from basicchat.core.errors import InvalidInput
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
