"""A call in small steps, each of which a small model can take: choose a tool, judge whether it fits, fill it in.

Names and arguments are held to a schema while they are written. Whether any tool fits at all is not asked in words:
the likelihood of yes is compared with a limit, as small models call whatever they are shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping, Sequence

from basicchat.core.events import Event
from basicchat.core.protocols import ChatModel
from basicchat.core.types import GenerationOptions, Json, Message, ToolCall, ToolSpec
from basicchat.reason.likelihood import TOLD, yes_rather_than_no
from basicchat.reason.prompts import calling as prompt_of
from basicchat.reason.steps import Steps
from basicchat.reason.structured import asked_for

CHOICE_TOKENS = 48
ARGUMENT_TOKENS = 480
FITS = 0.5  # least likelihood of yes

Check = Callable[[ToolSpec, Json], Mapping[str, Json]]
"""Arguments that fit a tool. Raises `ValueError`, which says what does not fit."""

_WORD = re.compile(r"[a-z]{3,}|\d+(?:\.\d+)?")


def called(
    steps: Steps,
    model: ChatModel,
    request: str,
    tools: Sequence[ToolSpec],
    *,
    check: Check,
    limit: float = FITS,
) -> Generator[Event, None, ToolCall | None]:
    """The call that does what ``request`` asks for, None where no tool does.

    Raises `BadReply` for arguments that do not fit the second time either, and what `Steps.say` raises.
    """
    if not tools:
        return None
    tool = tools[0] if len(tools) == 1 else (yield from chosen(steps, model, request, tools))
    likelihood = fit(model, request, tool)
    if likelihood is not None and likelihood < limit:
        return None
    given = yield from filled(steps, model, request, tool, check=check)
    return ToolCall(tool.name, given)


def chosen(steps: Steps, model: ChatModel, request: str, tools: Sequence[ToolSpec]) -> Generator[Event, None, ToolSpec]:
    """The tool that the model takes for the best of several."""
    known = {tool.name: tool for tool in tools}

    def named(value: Json) -> ToolSpec:
        name = value.get("tool") if isinstance(value, dict) else None
        if name not in known:
            raise ValueError(f"'tool' must be one of: {', '.join(known)}")
        return known[str(name)]

    return (
        yield from asked_for(
            steps,
            model,
            prompt_of.choosing(request, tools),
            schema=prompt_of.choice_schema(tools),
            read=named,
            tokens=CHOICE_TOKENS,
        )
    )


def fit(model: ChatModel, request: str, tool: ToolSpec) -> float | None:
    """How likely, from 0 to 1, the model finds it that ``tool`` does what is asked; None where the server tells not."""
    options = GenerationOptions(model.info().context_window, max_tokens=1, alternatives=TOLD)
    told: Sequence[tuple[str, float]] = ()
    for delta in model.stream(prompt_of.fitting(request, tool), options=options):
        told = told or delta.alternatives
    return yes_rather_than_no(told)


def filled(
    steps: Steps, model: ChatModel, request: str, tool: ToolSpec, *, check: Check
) -> Generator[Event, None, Mapping[str, Json]]:
    """The arguments of a tool, without optional ones that the request says nothing of."""

    def read(value: Json) -> Mapping[str, Json]:
        if not isinstance(value, dict):
            raise ValueError("the arguments must be a JSON object")
        return check(tool, said(request, tool, value))

    messages: tuple[Message, ...] = prompt_of.arguments(request, tool)
    return (yield from asked_for(steps, model, messages, schema=tool.parameters, read=read, tokens=ARGUMENT_TOKENS))


def said(request: str, tool: ToolSpec, given: Mapping[str, Json]) -> dict[str, Json]:
    """``given`` without what a model made up: optional arguments of which the request holds neither value nor name.

    Left out, such an argument gets the tool's own default.
    """
    required = tool.parameters.get("required")
    needed = required if isinstance(required, list) else []
    asked = _stems(request)
    kept = {}
    for name, value in given.items():
        words = _stems(name.replace("_", " ")) if isinstance(value, bool) or value is None else _stems(str(value))
        if name in needed or (value not in ("", None, [], {}) and words & asked):
            kept[name] = value
    return kept


def _stems(text: str) -> set[str]:
    """Words without their endings, and numbers."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower()
    return {word[:5] if word[0].isalpha() else str(float(word)) for word in _WORD.findall(spaced)}
