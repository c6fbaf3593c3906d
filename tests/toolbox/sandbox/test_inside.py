"""What runs inside bubblewrap's walls: the parts that need no walls to be tried."""

from __future__ import annotations

import struct

import pytest

from basicchat.toolbox.sandbox.inside import DENIED, Bounded, Full, filter_of, outcome


def test_both_processors_deny_the_same_calls() -> None:
    assert set(DENIED) == {"x86_64", "aarch64"}
    assert all(len(set(numbers)) == len(numbers) for numbers in DENIED.values())


@pytest.mark.parametrize("machine", sorted(DENIED))
def test_every_denied_call_jumps_to_the_refusal(machine: str) -> None:
    lines = [struct.unpack_from("HBBI", filter_of(machine), at) for at in range(0, len(filter_of(machine)), 8)]
    refusal = len(lines) - 1
    jumps = {value: at + 1 + true for at, (code, true, _, value) in enumerate(lines) if code == 0x15 and at > 5}
    assert dict.fromkeys(DENIED[machine], refusal) == jumps
    assert lines[refusal][3] == 0x00050001


def test_what_is_printed_is_bounded() -> None:
    out = Bounded(3)
    out.write("ab")
    with pytest.raises(Full):
        out.write("cd")
    assert (out.pieces, out.full) == (["ab"], True)


def test_an_outcome(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import sys

    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, getattr(sys, name))
    assert outcome("print(1)\n2", 100) == {"printed": "1\n", "value": 2, "error": "", "denied": ""}
    assert outcome("print('x' * 101)", 100)["denied"] == "more than 100 bytes were printed"
    assert outcome("'x' * 101", 100)["denied"] == "more than 100 bytes were given back"
    assert outcome("raise MemoryError", 100)["denied"] == "memory"
    assert outcome("raise SystemExit(3)", 100)["error"] == "SystemExit: 3"
    assert outcome("x = (", 100)["error"].startswith("SyntaxError")
