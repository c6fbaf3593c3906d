"""Let the model use tools, one at a time, beside the passages that were found; then answer from both."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from functools import partial

from basicchat.core.errors import ApprovalNeeded, BadReply, BasicChatError, BudgetSpent, Cancelled
from basicchat.core.events import ApprovalWanted, Event, ToolCalled, ToolReturned
from basicchat.core.types import Json, Passage, ToolCall, ToolSpec
from basicchat.reason import offer
from basicchat.reason.evidence import measure
from basicchat.reason.modes import chat, direct
from basicchat.reason.modes.bench import TABLES, Bench
from basicchat.reason.modes.joining import searched
from basicchat.reason.modes.searching import Found, answerable
from basicchat.reason.modes.stepping import Desk, ended, stepwise, told
from basicchat.reason.prompts import agent as prompt_of
from basicchat.reason.structured import asked_for
from basicchat.reason.task import Task
from basicchat.retrieve.pipeline import Retrieval
from basicchat.toolbox import text_of

NAME = "agent"
TITLE = "With tools"

CHOICE_TOKENS = 24
ARGUMENT_TOKENS = 480  # room for a query of several lines, or a page of text to write
STEPS_A_CALL = 2  # choosing, and the call


def answer(task: Task) -> Iterator[Event]:
    """Search, use tools within the budget, answer; see `stepwise` for when that fails.

    Calls that a person allowed are made first. The answer has every call, also those that nobody allowed yet: they
    did not run. Thin evidence holds it back only where no tool could answer by itself.
    """
    bench = Bench(task)

    def goes(task: Task, found: Found) -> bool:
        return answerable(task, found) or bool(bench.offered(found).alone or task.request.allowed)

    events = stepwise(task, partial(_go, bench), title=TITLE, goes=goes)
    return told(events, lambda answer: replace(answer, calls=tuple(bench.calls)))


def _go(bench: Bench, desk: Desk) -> Iterator[Event]:
    known = desk.task.retriever.document_count(desk.task.request.scope)
    bench.begin(desk.found if answerable(desk.task, desk.found) else None)
    tools = bench.tools(desk.found)
    yield from _prepared(bench, desk, tools)
    first = bench.first(desk.found, tools)
    while tools and bench.may_go_on and not desk.steps.full:
        try:
            title = f"Prepare {first}" if first else "Choose a tool"
            call = yield from desk.steps.run(title, _chosen(bench, desk, tools, first), detail=_wished)
        except BadReply:
            if not bench.results:
                raise
            break
        if call is None:
            break
        first = ""
        if bench.knows(call):
            yield desk.steps.note(f"Use {call.name}", detail="The same call was made before.", skipped=True)
            break
        yield from _used(bench, desk, call)
        tools = tuple(tool for tool in tools if not bench.gave_up(tool.name))
    if bench.results:
        yield from _written(bench, desk)
        return
    yield desk.steps.note("Use tools", detail="None gave a result." if bench.calls else "None was used.", skipped=True)
    whole = direct.answer_from(desk.task, desk.found) if known else chat.answer(desk.task)
    yield from told(whole, desk.counted)


def _prepared(bench: Bench, desk: Desk, tools: tuple[ToolSpec, ...]) -> Iterator[Event]:
    """Calls that a person allowed, exactly as they were allowed, and a look at which tables there are."""
    for call in desk.task.request.allowed:
        yield from _used(bench, desk, call)
    if any(tool.name == TABLES for tool in tools) and bench.may_go_on:
        yield from _used(bench, desk, ToolCall(TABLES, {}), title="Look at the tables")


def _chosen(
    bench: Bench, desk: Desk, tools: tuple[ToolSpec, ...], first: str
) -> Generator[Event, None, ToolCall | None]:
    """The call that the model wishes for next, None for no further one. With ``first`` it only gives the arguments."""
    messages = desk.fitted(
        lambda kept: prompt_of.choosing(desk.question, kept, tools, bench.done), _passages(bench, desk)
    ).messages
    name = first
    if not name:
        name = yield from asked_for(
            desk.steps,
            desk.model,
            messages,
            schema=prompt_of.choice_schema(tools),
            read=partial(_named, [prompt_of.ANSWER, *(tool.name for tool in tools)]),
            tokens=CHOICE_TOKENS,
        )
    if name == prompt_of.ANSWER:
        return None
    tool = next(tool for tool in tools if tool.name == name)
    given = yield from asked_for(
        desk.steps,
        desk.model,
        prompt_of.arguments(messages, tool, desk.question),
        schema=prompt_of.arguments_schema(tool),
        read=partial(bench.checked, name),
        tokens=ARGUMENT_TOKENS,
    )
    return ToolCall(name, given)


def _named(names: Sequence[str], value: Json) -> str:
    chosen = value.get("tool") if isinstance(value, dict) else None
    if chosen not in names:
        raise ValueError(f"'tool' must be one of: {', '.join(names)}")
    return str(chosen)


def _used(bench: Bench, desk: Desk, call: ToolCall, *, title: str = "") -> Iterator[Event]:
    """Make a call as a step. What goes wrong is noted for the model; a spent budget and a cancelled answer raise."""
    work = _looked(bench, desk, call) if call.name == offer.SEARCH else _ran(bench, desk, call)
    try:
        said = yield from desk.steps.run(title or f"Use {call.name}", work, detail=lambda said: said)
    except (BudgetSpent, Cancelled):
        raise
    except ApprovalNeeded:
        bench.waits(call)
        yield ApprovalWanted(bench.id, call.name, call.arguments, bench.calls[-1].said, bench.tainted)
    except BasicChatError as error:
        bench.failed(call, f"{error} {error.hint}".strip())
    else:
        bench.gave(call, said)


def _ran(bench: Bench, desk: Desk, call: ToolCall) -> Generator[Event, None, str]:
    """Run a tool of the toolbox; what it gave, within a size. Raises what the toolbox does."""
    yield ToolCalled(bench.id, call.name, call.arguments)
    before = desk.task.elapsed
    try:
        result = bench.run(call, deadline=desk.task.deadline)
    except BasicChatError as error:
        yield ToolReturned(bench.id, call.name, str(error), desk.task.elapsed - before, error=True)
        raise
    said = bench.sized(text_of(result))
    bench.tainted = bench.tainted or result.tainted
    yield ToolReturned(bench.id, call.name, said, desk.task.elapsed - before)
    return said


def _looked(bench: Bench, desk: Desk, call: ToolCall) -> Generator[Event, None, str]:
    """Search as the engine does: what is found joins the passages and gets numbers, so that it can be cited."""
    yield ToolCalled(bench.id, call.name, call.arguments)
    before = desk.task.elapsed
    text = str(call.arguments.get("query", ""))
    retrieval = searched(desk, text)
    said = "Nothing was found that would answer this."
    if retrieval.hits and desk.task.gate.opens(measure(text, retrieval.hits)):
        bench.found(retrieval)
        said = f"These are among the passages now: {_titles(retrieval)}"
    yield ToolReturned(bench.id, call.name, said, desk.task.elapsed - before)
    return said


def _written(bench: Bench, desk: Desk) -> Iterator[Event]:
    """The answer from passages and results."""
    passages = _passages(bench, desk)
    prompt = desk.fitted(lambda kept: prompt_of.answering(desk.question, kept, bench.done, desk.task.manner), passages)
    ending = replace(desk, found=bench.joined(desk.found))
    reply = ending.reply(prompt.passages)
    yield from ending.streamed(prompt, reply)
    yield from ended(ending, prompt, reply, mode=NAME, results=bench.results)


def _passages(bench: Bench, desk: Desk) -> tuple[Passage, ...]:
    return desk.passages(bench.hits) if bench.hits else ()


def _wished(call: ToolCall | None) -> str:
    if call is None:
        return "Nothing more is needed."
    return f"{call.name}: " + ", ".join(f"{name} {value}" for name, value in call.arguments.items())


def _titles(retrieval: Retrieval) -> str:
    names = dict.fromkeys(hit.document.title or hit.document.source for hit in retrieval.hits)
    return "; ".join(list(names)[:4])
