"""Choosing and calling tools: the developer part of BFCL, by a model's own calls and by the agent's choice.

``python -m benchmarks.calling --model NAME --each 10 --minutes 10`` asks the same requests in every way and keeps every
row in ``output/calling``, so that a run that was stopped goes on; rows of other code are not used. Requests with even
numbers are for improving (``--half improving``), those with odd numbers are reported. A call is right when the function
is, every argument has an accepted value, and none is left out that may not be; where no function fits, when there is
none.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar, cast

from basicchat.core.errors import BasicChatError
from basicchat.core.events import Event
from basicchat.core.protocols import ChatModel
from basicchat.core.types import GenerationOptions, Json, Message, ToolCall, ToolSpec
from basicchat.evaluate.lines import existing, records
from basicchat.reason.budget import Budget
from basicchat.reason.prompts import agent as agent_prompt
from basicchat.reason.prompts import fitting
from basicchat.reason.steps import Steps
from basicchat.reason.structured import asked_for
from basicchat.reason.task import AnswerConfig, AnswerRequest, Task
from basicchat.retrieve.pipeline import Retriever
from benchmarks.accepted import accepted
from benchmarks.resumed import ask_until
from benchmarks.table import REPOSITORY, evaluation_set, print_table

T = TypeVar("T")

KINDS = ("simple_python", "multiple", "irrelevance")
HALVES = ("improving", "reporting")
KEPT = REPOSITORY / "output" / "calling"
CHOICE_TOKENS = 48
MOST_TOKENS = 480
_TYPES = {"dict": "object", "float": "number", "tuple": "array"}
_SCHEMA_WORDS = frozenset({"type", "description", "properties", "required", "items", "enum"})


@dataclass(frozen=True)
class Case:
    """A request, the tools it is shown, and what is accepted; None where nothing fits."""

    id: str
    kind: str
    request: str
    tools: tuple[ToolSpec, ...]
    truth: Mapping[str, Mapping[str, list[Json]]] | None


@dataclass(frozen=True)
class Row:
    """What came of a request. ``called`` is empty for no call."""

    recipe: str
    way: str
    id: str
    kind: str
    called: str
    arguments: Mapping[str, Json]
    right: bool
    seconds: float


def main() -> None:
    """Ask as much as the time allows, then print what is known."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--each", type=int, default=10, help="requests of each kind")
    parser.add_argument("--half", choices=HALVES, default="reporting")
    parser.add_argument("--ways", nargs="*", default=list(WAYS), help=", ".join(WAYS))
    parser.add_argument("--minutes", type=float, default=10.0, help="stop after so long; the next run goes on")
    given = parser.parse_args()
    cases = read(given.half, given.each)
    file = KEPT / f"{given.model}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    ask_all(given.model, cases, given.ways, file, time.monotonic() + given.minutes * 60)
    report(given.model, given.half, cases, given.ways, list(known(file)))


def read(half: str, each: int) -> list[Case]:
    """Requests of a half, spread evenly over each file, the kinds by turns."""
    kinds = []
    for kind in KINDS:
        own = list(records(existing(evaluation_set("bfcl"), f"{kind}.jsonl")))[HALVES.index(half) :: 2]
        step = max(1, len(own) // each)
        kinds.append([case_of(kind, record) for record in own[::step][:each]])
    return [case for turn in zip(*kinds, strict=True) for case in turn]


def case_of(kind: str, record: Mapping[str, Json]) -> Case:
    """A line of the set; its tools with the types of JSON Schema."""
    question, functions, truth = record["question"], record["function"], record["ground_truth"]
    turns = cast(list[list[dict[str, str]]], question)[0]
    tools = tuple(
        ToolSpec(str(each["name"]), str(each["description"]), schema_of(cast(dict[str, Json], each["parameters"])))
        for each in cast(list[dict[str, Json]], functions)
    )
    wanted = cast(list[dict[str, dict[str, list[Json]]]] | None, truth)
    return Case(str(record["id"]), kind, turns[-1]["content"], tools, wanted[0] if wanted else None)


def schema_of(schema: Mapping[str, Json]) -> dict[str, Json]:
    """A schema of the set in the words of JSON Schema."""
    made: dict[str, Json] = {}
    for word, value in schema.items():
        if word == "properties" and isinstance(value, dict):
            made[word] = {name: schema_of(each) for name, each in value.items() if isinstance(each, dict)}
        elif word == "items" and isinstance(value, dict):
            made[word] = schema_of(value)
        elif word == "type" and value != "any":
            made[word] = _TYPES.get(str(value), value)
        elif word in _SCHEMA_WORDS and word != "type":
            made[word] = value
    if made.get("type") == "object" and "properties" in made:
        made["additionalProperties"] = False
    return made


def ask_all(name: str, cases: Sequence[Case], ways: Sequence[str], file: Path, until: float) -> None:
    """Ask request by request, each in every way, until the time is over."""
    done = {(row.way, row.id) for row in known(file)}
    left = [(case, way) for case in cases for way in ways if (way, case.id) not in done]
    ask_until(until, name, left, lambda model, each: asked(model, *each), file)


def asked(model: ChatModel, case: Case, way: str) -> Row:
    """One request in one way. What failed is no call."""
    begun = time.perf_counter()
    try:
        call = WAYS[way](model, case)
    except BasicChatError:
        call = None
    called, given = (call.name, dict(call.arguments)) if call else ("", {})
    right = is_right(case, called, given)
    took = round(time.perf_counter() - begun, 2)
    return Row(recipe(way), way, case.id, case.kind, called, given, right, took)


def is_right(case: Case, called: str, given: Mapping[str, Json]) -> bool:
    """Whether it is the call that is wanted, or none where none is."""
    if case.truth is None or not called:
        return case.truth is None and not called
    return called in case.truth and accepted(given, case.truth[called])


# ---------------------------------------------------------------- the ways


def by_itself(model: ChatModel, case: Case) -> ToolCall | None:
    """The model's own calls: tools in its template, its first call of a tool that there is."""
    options = GenerationOptions(model.info().context_window, max_tokens=MOST_TOKENS)
    found: list[ToolCall] = []
    for delta in model.stream((Message("user", case.request),), options=options, tools=case.tools):
        found += delta.tool_calls
    return found[0] if found else None


def as_the_agent(model: ChatModel, case: Case) -> ToolCall | None:
    """The agent's choice: a name or "answer" held to a schema, then arguments held to the tool's."""
    steps = steps_for(model, case)
    messages = agent_prompt.choosing(case.request, (), case.tools, ())
    names = [agent_prompt.ANSWER, *(tool.name for tool in case.tools)]

    def named(value: Json) -> str:
        name = value.get("tool") if isinstance(value, dict) else None
        if name not in names:
            raise ValueError(f"'tool' must be one of: {', '.join(names)}")
        return str(name)

    choice = agent_prompt.choice_schema(case.tools)
    name = finished(asked_for(steps, model, messages, schema=choice, read=named, tokens=CHOICE_TOKENS))
    if name == agent_prompt.ANSWER:
        return None
    tool = next(tool for tool in case.tools if tool.name == name)
    wanted = agent_prompt.arguments(messages, tool, case.request)
    schema = agent_prompt.arguments_schema(tool)
    given = finished(asked_for(steps, model, wanted, schema=schema, read=partial(checked, tool), tokens=MOST_TOKENS))
    return ToolCall(tool.name, given)


WAYS: dict[str, Callable[[ChatModel, Case], ToolCall | None]] = {
    "by itself": by_itself,
    "as the agent": as_the_agent,
}


def steps_for(model: ChatModel, case: Case) -> Steps:
    """Steps with room enough; nothing is searched for."""
    config = AnswerConfig(budget=Budget(seconds=600.0, tokens=5000), deadline_seconds=600.0)
    return Steps(Task(AnswerRequest(case.request), config, cast(Retriever, None), lambda _: model))


def checked(tool: ToolSpec, value: Json) -> Mapping[str, Json]:
    """Arguments with all that is required. Raises `ValueError`."""
    if not isinstance(value, dict):
        raise ValueError("the arguments must be a JSON object")
    required = tool.parameters.get("required")
    if missing := [str(name) for name in (required if isinstance(required, list) else ()) if name not in value]:
        raise ValueError(f"these arguments are missing: {', '.join(missing)}")
    return value


def finished(work: Generator[Event, None, T]) -> T:
    """What a generator of steps gives in the end; nobody sees the steps."""
    while True:
        try:
            next(work)
        except StopIteration as stop:
            return cast(T, stop.value)


# ---------------------------------------------------------------- what is known


def recipe(way: str) -> str:
    """The code and prompts that a way uses."""
    modules = {"by itself": (), "as the agent": (agent_prompt, fitting)}
    texts = [Path(str(module.__file__)).read_bytes() for module in modules[way]]
    return hashlib.sha256(b"".join(texts)).hexdigest()[:12]


def known(file: Path) -> Iterator[Row]:
    """Rows that were kept and were made by this code."""
    if file.exists():
        for line in file.read_text(encoding="utf-8").splitlines():
            row = Row(**json.loads(line))
            if row.recipe == recipe(row.way):
                yield row


def report(model: str, half: str, cases: Sequence[Case], ways: Sequence[str], rows: Sequence[Row]) -> None:
    """A table of the ways over the requests that all were asked."""
    ids = {case.id for case in cases}
    whole = ids.intersection(*({row.id for row in rows if row.way == way} for way in ways))
    mine = [row for row in rows if row.id in whole and row.way in ways]
    lines = [line(way, [row for row in mine if row.way == way]) for way in ways]
    header = ("way", *KINDS, "of those with a call: right function", "all", "seconds (mean)")
    print_table(f"BFCL, {half} half, {model}", header, lines)


def line(name: str, rows: Sequence[Row]) -> tuple[object, ...]:
    """Counts of a way, by kind and all."""

    def calls(row: Row) -> bool:
        return bool(row.called)

    def right(row: Row) -> bool:
        return not calls(row) if row.kind == "irrelevance" else calls(row) and row.right

    kinds = [[row for row in rows if row.kind == kind] for kind in KINDS]
    wanted = [row for row in rows if row.kind != "irrelevance"]
    function = sum(calls(row) and row.called in expected(row.id) for row in wanted)
    seconds = sum(row.seconds for row in rows) / max(1, len(rows))
    return (
        name,
        *(f"{sum(map(right, own))} of {len(own)}" for own in kinds),
        f"{function} of {len(wanted)}",
        f"{sum(map(right, rows))} of {len(rows)}",
        f"{seconds:.1f}",
    )


def expected(case: str) -> set[str]:
    """Functions that are right for a request."""
    if not _EXPECTED:
        for kind in KINDS[:2]:
            for record in records(existing(evaluation_set("bfcl"), f"{kind}.jsonl")):
                _EXPECTED[str(record["id"])] = set(record["ground_truth"][0])
    return _EXPECTED[case]


_EXPECTED: dict[str, set[str]] = {}


if __name__ == "__main__":
    main()
