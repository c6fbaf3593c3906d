"""Specialists are files, the program's own and those of a folder of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from basicchat.core.errors import InvalidInput, NotFound
from basicchat.reason.engine import AnswerRequest
from basicchat.reason.modes import MODES
from basicchat.reason.specialists import chosen, load
from basicchat.testing.chat import ScriptedChatModel

SHIPPED = {"code-reviewer", "data-analyst", "financial", "legal", "medical", "security", "tutor", "writer"}


def test_those_that_come_with_the_program() -> None:
    found = load()
    assert set(found) == SHIPPED
    assert all(one.title and one.description and one.prompt for one in found.values())
    assert all(not one.mode or one.mode in MODES for one in found.values())


def test_ones_own_are_added_and_take_the_place_of_others(tmp_path: Path) -> None:
    (tmp_path / "legal.toml").write_text('lines = ["Be brief."]\ntags = ["contracts"]\n', encoding="utf-8")
    (tmp_path / "gardener.toml").write_text('lines = ["Name plants in Latin."]\nmode = "debate"\n', encoding="utf-8")
    found = load(own=tmp_path)
    assert (found["legal"].prompt, found["legal"].tags) == ("- Be brief.", ("contracts",))
    assert (found["gardener"].title, found["gardener"].mode) == ("Gardener", "debate")


@pytest.mark.parametrize(
    "text",
    ["", "lines = 3", 'lines = ["a"]\nodd = 1', "no toml", 'lines = ["a"]\nmode = 3', f'lines = ["{"x" * 2000}"]'],
)
def test_a_file_that_is_none_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "odd.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"odd\.toml is no specialist"):
        load(own=tmp_path)


def test_one_that_is_not_there_is_named() -> None:
    with pytest.raises(NotFound, match="nobody"):
        chosen(load(), "nobody")


@pytest.mark.parametrize("mode", ["direct", "debate", "chain_of_thought"])
def test_the_lines_stand_behind_the_instructions(asking, mode: str) -> None:
    model = ScriptedChatModel(["It was finished in 80 AD [1]."] * 3)
    here = asking(model)
    request = AnswerRequest("When was the Colosseum finished?", mode=mode, specialist=load()["tutor"])
    list(here.engine.stream(request))
    system = model.calls[0].messages[0].content
    assert system.startswith("You answer questions from numbered passages")
    assert system.endswith(load()["tutor"].prompt)
