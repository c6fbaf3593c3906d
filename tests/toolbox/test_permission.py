"""Who may run what."""

from __future__ import annotations

from pathlib import Path

import pytest

from basicchat.core.errors import ApprovalNeeded, InvalidInput, StoreError, ToolDenied
from basicchat.core.tools import ToolInfo
from basicchat.toolbox import Permissions, Request

PLAIN = ToolInfo("plain", "Computes.", {})
READS = ToolInfo("reads", "Reads.", {}, permissions=frozenset({"read"}))
FETCHES = ToolInfo("fetches", "Fetches.", {}, permissions=frozenset({"network"}))
WRITES = ToolInfo("writes", "Writes.", {}, permissions=frozenset({"write"}))


class Person:
    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.requests: list[Request] = []

    def __call__(self, request: Request) -> str:
        self.requests.append(request)
        return self.answers.pop(0)


def test_only_what_reaches_out_is_asked_for_by_itself() -> None:
    standing = Permissions().standing
    assert [standing(each) for each in (PLAIN, READS, FETCHES, WRITES)] == ["always", "always", "ask", "ask"]


def test_without_a_person_the_error_says_how_to_allow_it() -> None:
    with pytest.raises(ApprovalNeeded) as caught:
        Permissions().admit(FETCHES, {})
    assert "reach the network" in str(caught.value)
    assert "basicchat tools enable fetches --standing always" in caught.value.hint
    assert "--allow" in caught.value.hint


def test_a_person_sees_what_would_run_and_why() -> None:
    person = Person("yes")
    assert Permissions().admit(WRITES, {"path": "a.txt"}, ask=person) == "asked: yes"
    (request,) = person.requests
    assert (request.tool, request.arguments) == (WRITES, {"path": "a.txt"})
    assert "write" in request.reason


def test_yes_is_for_one_call_always_is_remembered(tmp_path: Path) -> None:
    file = tmp_path / "tools.json"
    person = Person("yes", "always")
    Permissions(file).admit(FETCHES, {}, ask=person)
    Permissions(file).admit(FETCHES, {}, ask=person)
    assert Permissions(file).admit(FETCHES, {}) == "always"
    assert len(person.requests) == 2


def test_no_is_for_one_call_never_is_remembered(tmp_path: Path) -> None:
    permissions = Permissions(tmp_path / "tools.json")
    for answer, after in (("no", "ask"), ("never", "never")):
        with pytest.raises(ToolDenied):
            permissions.admit(FETCHES, {}, ask=Person(answer))
        assert permissions.standing(FETCHES) == after
    with pytest.raises(ToolDenied, match="turned off"):
        permissions.admit(FETCHES, {}, ask=Person("yes"))


def test_once_is_until_the_program_ends(tmp_path: Path) -> None:
    file = tmp_path / "tools.json"
    permissions = Permissions(file)
    permissions.set(FETCHES, "once")
    person = Person("yes")
    permissions.admit(FETCHES, {}, ask=person)
    assert permissions.admit(FETCHES, {}) == "once"
    with pytest.raises(ApprovalNeeded):
        Permissions(file).admit(FETCHES, {})


def test_a_plain_tool_can_be_asked_for_and_turned_off() -> None:
    permissions = Permissions()
    permissions.set(PLAIN, "ask")
    with pytest.raises(ApprovalNeeded, match="asked to be asked"):
        permissions.admit(PLAIN, {})
    permissions.set(PLAIN, "never")
    with pytest.raises(ToolDenied, match="turned off"):
        permissions.admit(PLAIN, {})
    permissions.set(PLAIN, None)
    assert permissions.admit(PLAIN, {}) == "always"


@pytest.mark.parametrize("info", [FETCHES, WRITES], ids=lambda info: info.name)
def test_words_of_others_never_reach_out_unasked(info: ToolInfo) -> None:
    permissions = Permissions()
    permissions.set(info, "always")
    assert permissions.admit(info, {}) == "always"
    with pytest.raises(ApprovalNeeded, match="words of a document"):
        permissions.admit(info, {}, tainted=True)
    person = Person("no")
    with pytest.raises(ToolDenied):
        permissions.admit(info, {}, ask=person, tainted=True)
    assert "words of a document" in person.requests[0].reason


def test_words_of_others_may_compute_and_read() -> None:
    assert Permissions().admit(PLAIN, {}, tainted=True) == "always"
    assert Permissions().admit(READS, {}, tainted=True) == "always"


def test_a_consent_does_not_grow_with_the_tool() -> None:
    permissions = Permissions()
    permissions.set(READS, "always")
    grown = ToolInfo("reads", "Reads.", {}, permissions=frozenset({"read", "network"}))
    assert permissions.standing(grown) == "ask"


def test_a_file_that_cannot_be_read_allows_nothing(tmp_path: Path) -> None:
    file = tmp_path / "tools.json"
    file.write_text("{", encoding="utf-8")
    with pytest.raises(StoreError, match=r"tools\.json"):
        Permissions(file).standing(PLAIN)


def test_odd_entries_count_as_not_said(tmp_path: Path) -> None:
    file = tmp_path / "tools.json"
    file.write_text('{"fetches": {"standing": "sure"}, "plain": 3}', encoding="utf-8")
    assert Permissions(file).standing(FETCHES) == "ask"
    assert Permissions(file).standing(PLAIN) == "always"


def test_a_standing_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match="perhaps"):
        Permissions().set(PLAIN, "perhaps")  # type: ignore[arg-type]
