"""Sentences that deny, and words against their opposites."""

from __future__ import annotations

import pytest

from basicchat.reason.polarity import denies, opposed


@pytest.mark.parametrize("text", ["It is not so.", "It doesn’t work.", "Nobody can't", "They lack wings.", "No cats"])  # noqa: RUF001
def test_denials(text: str) -> None:
    assert denies(text)


def test_words_that_deny_as_a_subject() -> None:
    assert denies("Nothing leaves this machine.")
    assert denies("Nobody sees it.")


@pytest.mark.parametrize("text", ["It is so.", "A notable knot", ""])
def test_no_denials(text: str) -> None:
    assert not denies(text)


@pytest.mark.parametrize(
    ("one", "other", "against"),
    [
        ("Sales rose.", "Sales fell.", True),
        ("It increases growth.", "It inhibits growth.", True),
        ("It promotes growth.", "It inhibited growth.", True),
        ("Sales rose.", "Sales rose, then fell.", False),
        ("It came before the war.", "It came after the war.", True),
        ("It is open.", "It is green.", False),
    ],
)
def test_opposites_stand_against_each_other(one: str, other: str, against: bool) -> None:
    assert opposed(one, other) is against
    assert opposed(other, one) is against
