"""Let the model write a small program, run it in the sandbox, and answer with what it printed."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from functools import partial

from basicchat.core.errors import BadReply, BasicChatError, BudgetSpent, Cancelled
from basicchat.core.events import Event, Token
from basicchat.core.types import Message, Passage, ToolCall
from basicchat.reason import computing
from basicchat.reason.context import Prompt
from basicchat.reason.modes.agent import used
from basicchat.reason.modes.bench import Bench
from basicchat.reason.modes.searching import Found, answerable
from basicchat.reason.modes.stepping import Desk, declined, stepwise, told
from basicchat.reason.prompts import program as prompt_of
from basicchat.reason.steps import Manner
from basicchat.reason.task import Task

NAME = "program"
TITLE = "Compute"

TOOL = "python"
PROGRAM_TOKENS = 240
TRIES = 2  # the program, and once more with what went wrong


def answer(task: Task) -> Iterator[Event]:
    """Search, let the model write a program, run it, answer by rule; see `stepwise` for when that fails.

    Thin evidence holds it back only where the question does not bring its own numbers. A program that fails twice, or
    prints no number, gives way to a simpler mode, which is said.
    """
    bench = Bench(task)

    def goes(task: Task, found: Found) -> bool:
        return answerable(task, found) or bench.offered(found).alone

    events = stepwise(task, partial(_go, bench), title=TITLE, goes=goes)
    return told(events, lambda answer: replace(answer, calls=tuple(bench.calls)))


def _go(bench: Bench, desk: Desk) -> Iterator[Event]:
    documents = desk.task.retriever.document_count(desk.task.request.scope)
    bench.begin(desk.found if documents and answerable(desk.task, desk.found) else None)
    passages = desk.passages(bench.hits) if bench.hits else ()
    prompt = desk.fitted(lambda kept: prompt_of.messages(desk.question, kept), passages)
    messages, problem = prompt.messages, ""
    for attempt in range(TRIES):
        title = "Mend the program" if attempt else "Write a program"
        reply = yield from desk.steps.run(title, _said(desk, messages, attempt), detail=_shown)
        if desk.taken(prompt, reply).declined:
            yield from declined(desk, prompt, mode=NAME)
            return
        code, problem = _read(reply)
        if not problem:
            problem = yield from _ran(bench, desk, code)
        if not problem:
            yield from _concluded(bench, desk, prompt, code)
            return
        messages = prompt_of.repair(prompt.messages, code, problem)
    info = desk.model.info()
    raise BadReply(f"The program did not work: {problem}", provider=info.provider, model=info.name)


def _said(desk: Desk, messages: tuple[Message, ...], seed: int) -> Generator[Event, None, str]:
    return (yield from desk.steps.say(desk.model, messages, Manner(PROGRAM_TOKENS, seed=seed)))


def _shown(reply: str) -> str:
    return prompt_of.fenced(_read(reply)[0])


def _read(reply: str) -> tuple[str, str]:
    """The program of a reply, and what is wrong with it; empty for nothing."""
    try:
        return computing.program_in(reply), ""
    except ValueError as error:
        return reply.strip().removeprefix("```python").removesuffix("```").strip(), str(error)


def _ran(bench: Bench, desk: Desk, code: str) -> Generator[Event, None, str]:
    """Run a program as a call of the tool; what went wrong, empty for nothing."""
    yield from used(bench, desk, ToolCall(TOOL, {"code": code}), title="Run the program")
    call = bench.calls[-1]
    if call.outcome != "done":
        return call.said
    return "" if computing.result_of(call.said) is not None else "it printed no number as its last line"


def _concluded(bench: Bench, desk: Desk, prompt: Prompt, code: str) -> Iterator[Event]:
    """The answer by rule: the result with its scale, the figures with their sources, and which stand nowhere."""
    value = computing.result_of(bench.calls[-1].said) or 0.0
    origin = computing.origin(code, desk.question, prompt.passages)
    result = f"{computing.written(value)}{_unit(bench, desk, prompt.passages, code, value)}"
    sentences = [f"The result is {result}."]
    for number, figures in origin.passages.items():
        sentences.append(f"Computed with {', '.join(map(computing.written, figures))} [{number}].")
    if prompt.passages and not origin.passages:
        prompt = replace(prompt, passages=())  # nothing was taken from them
    reply = desk.reply(prompt.passages)
    if piece := reply.feed(" ".join(sentences)) + reply.close():
        yield Token(piece)
    missing = ", ".join(map(computing.written, origin.missing))
    warning = f"The program uses {missing}, which stands neither in the question nor in the sources." if missing else ""
    events = desk.concluded(prompt, reply, mode=NAME, results=[*bench.results, result])
    yield from told(events, lambda answer: replace(answer, warnings=answer.warnings + ((warning,) if warning else ())))


def _unit(bench: Bench, desk: Desk, passages: tuple[Passage, ...], code: str, value: float) -> str:
    """What stands behind the result: "%" where that was asked for, else the scale that its sources say."""
    if computing.asks_percent(desk.question):
        return "%"
    origin = computing.origin(code, desk.question, passages)
    scale = computing.scale_of([each for each in passages if each.number in origin.passages])
    which = [figure for figures in origin.passages.values() for figure in figures]

    def run(program: str) -> str:
        box = desk.task.tools
        if box is None:
            return ""
        call = ToolCall(TOOL, {"code": program})
        try:
            return bench.said(bench.run(call, deadline=desk.task.deadline))
        except (BudgetSpent, Cancelled):
            raise
        except BasicChatError:
            return ""  # not known, so no scale is said

    return f" {scale}" if scale and computing.carries_scale(code, which, value, run) else ""
