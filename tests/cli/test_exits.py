"""Every error has an exit code."""

from __future__ import annotations

import pytest

from basicchat.cli.exits import EXIT_CODES, Exit, exit_for
from basicchat.core.errors import BasicChatError, UserError, all_errors, error_from


def test_the_table_is_total() -> None:
    assert set(EXIT_CODES) == set(all_errors())


@pytest.mark.parametrize("kind", all_errors().values(), ids=lambda kind: kind.code)
def test_what_the_caller_can_mend_exits_2_and_nothing_else_does(kind: type[BasicChatError]) -> None:
    code = exit_for(error_from(kind.code, "what happened", "what to do"))
    assert (code is Exit.USER_ERROR) == issubclass(kind, UserError)
    assert code not in {Exit.DONE, Exit.NOTHING_FOUND}
