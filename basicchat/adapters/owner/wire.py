"""What travels between a command and the owner: one JSON document a call, one JSON line an item of a stream."""

from __future__ import annotations

from basicchat.core import events
from basicchat.core.codec import from_json, to_json
from basicchat.core.errors import BasicChatError, error_from
from basicchat.core.events import Event
from basicchat.core.types import Json

EVENTS: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (
        events.Retrieved,
        events.Thought,
        events.Stepped,
        events.ToolCalled,
        events.ToolReturned,
        events.ApprovalWanted,
        events.Token,
        events.Verified,
        events.Finished,
        events.Failed,
    )
}


def event_to_json(event: Event) -> Json:
    """An event with its kind."""
    return {"event": type(event).__name__, "data": to_json(event)}


def event_from_json(data: Json) -> Event:
    """The event again. Raises `ValueError` for a kind that is not known."""
    if not isinstance(data, dict) or data.get("event") not in EVENTS:
        raise ValueError(f"not an event: {data!r}")
    return from_json(EVENTS[str(data["event"])], data.get("data"))


def error_to_json(error: BasicChatError) -> dict[str, Json]:
    """An error as code, message and hint."""
    return {"code": error.code, "message": str(error), "hint": error.hint}


def error_from_json(data: Json) -> BasicChatError:
    """The error again, of the class its code stands for."""
    if not isinstance(data, dict):
        return BasicChatError("The answer of the running BasicChat could not be understood.")
    return error_from(str(data.get("code", "")), str(data.get("message", "")), str(data.get("hint", "")))
