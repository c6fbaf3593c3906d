"""What travels between processes arrives as it was."""

from __future__ import annotations

import json

import pytest

from basicchat.adapters.owner.wire import event_from_json, event_to_json
from basicchat.core.events import ApprovalWanted, Event, Finished, ToolCalled
from basicchat.core.types import Answer, ToolUse

ARGUMENTS = {"address": "http://example.org", "depth": 2, "deep": {"names": ["a", None]}}
USE = ToolUse("web_page", ARGUMENTS, "asked", "it reaches the network", tainted=True)


@pytest.mark.parametrize(
    "event",
    [
        ToolCalled("1", "web_page", ARGUMENTS),
        ApprovalWanted("1", "web_page", ARGUMENTS, "it reaches the network", tainted=True),
        Finished(Answer("So.", False, "agent", "echo", calls=(USE,))),
    ],
)
def test_events_of_tools(event: Event) -> None:
    assert event_from_json(json.loads(json.dumps(event_to_json(event)))) == event
