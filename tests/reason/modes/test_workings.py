"""A reply in steps comes apart the same way however it is cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.reason.modes.chain_of_thought import Workings

REPLY = "1. Three boxes of 4 are 12.\n- **Step 2:** 12 - 5 = 7.\n\n**Final answer:** 7 pens\nare left."


def read(pieces: list[str]) -> tuple[list[str], str]:
    workings = Workings()
    said = "".join(workings.feed(piece) for piece in pieces) + workings.close()
    return workings.steps, said.strip()


@given(st.lists(st.integers(0, len(REPLY)), max_size=12))
def test_however_it_is_cut(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(REPLY)]
    steps, said = read([REPLY[start:end] for start, end in pairwise(places)])
    assert said == "7 pens\nare left."
    assert steps == read([REPLY])[0]
    assert len(steps) == 2


@pytest.mark.parametrize(
    ("reply", "steps", "said"),
    [("Just this.", [], "Just this."), ("a\nb", ["a"], "b"), ("a\n", [], "a"), ("", [], ""), ("Answer: 4", [], "4")],
)
def test_without_the_word_the_last_line_answers(reply: str, steps: list[str], said: str) -> None:
    assert read([reply]) == (steps, said)
