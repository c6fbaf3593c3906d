"""Which sandbox runs what."""

from __future__ import annotations

import pytest

from basicchat.core.errors import DependencyMissing
from basicchat.core.tools import Limits, Ran
from basicchat.testing.tools import ScriptedSandbox
from basicchat.toolbox.sandbox import BubblewrapSandbox, MontySandbox, chosen
from basicchat.toolbox.sandbox.choice import FirstThatKnows


def test_what_the_first_does_not_know_the_next_runs() -> None:
    first, second = ScriptedSandbox(Ran("", error="ModuleNotFoundError: x"), "a"), ScriptedSandbox(Ran("", 3), "b")
    both = FirstThatKnows([first, second])
    assert both.run("import x", limits=Limits()).value == 3
    assert (first.codes, second.codes, both.name) == (["import x"], ["import x"], "a+b")


def test_an_error_of_the_code_is_not_run_again() -> None:
    first, second = ScriptedSandbox(Ran("", error="ValueError: x")), ScriptedSandbox(Ran("", 3))
    assert FirstThatKnows([first, second]).run("x", limits=Limits()).error == "ValueError: x"
    assert second.codes == []


def test_what_nobody_knows_is_told() -> None:
    first = ScriptedSandbox(Ran("", error="ModuleNotFoundError: x"))
    assert FirstThatKnows([first, first]).run("x", limits=Limits()).error == "ModuleNotFoundError: x"


def test_a_choice_is_kept_to() -> None:
    assert isinstance(chosen("monty"), MontySandbox)
    assert isinstance(chosen("bubblewrap"), BubblewrapSandbox)
    assert chosen("auto").name in {"monty", "monty+bubblewrap"}
    with pytest.raises(DependencyMissing):
        chosen("off").run("1", limits=Limits())


@pytest.mark.skipif(not BubblewrapSandbox.installed(), reason="bubblewrap is not installed: apt install bubblewrap")
def test_auto_knows_the_whole_library_where_bubblewrap_is() -> None:
    ran = chosen("auto").run("import statistics\nstatistics.mean([1, 2])", limits=Limits())
    assert (ran.value, ran.backend) == (1.5, "bubblewrap")


def test_monty_knows_much_of_the_library() -> None:
    assert chosen("monty").run("import math, json, re, datetime, itertools\nmath.gcd(4, 6)", limits=Limits()).value == 2
