"""Errors travel as code, message and hint, and come back as the same class."""

from __future__ import annotations

import pytest

from basicchat.core.errors import BasicChatError, ProviderUnavailable, all_errors, error_from


@pytest.mark.parametrize("code", sorted(all_errors()))
def test_every_error_comes_back(code: str) -> None:
    error = error_from(code, "what happened", "what to do")
    assert (type(error).code, str(error), error.hint) == (code, "what happened", "what to do")


def test_codes_are_unique() -> None:
    kinds = [BasicChatError]
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
    codes = [kind.code for kind in kinds if kind.__module__ == "basicchat.core.errors"]
    assert len(codes) == len(set(codes))


def test_provider_errors_carry_a_provider() -> None:
    error = error_from("provider-unavailable", "x", "y")
    assert isinstance(error, ProviderUnavailable)
    assert error.provider == ""


def test_an_unknown_code_is_still_an_error() -> None:
    assert type(error_from("from-the-future", "x", "y")) is BasicChatError


def test_every_error_says_what_to_do_next() -> None:
    for kind in all_errors().values():
        assert kind.__doc__
        assert error_from(kind.code, "x", "").hint or kind.code == "dependency-missing"
