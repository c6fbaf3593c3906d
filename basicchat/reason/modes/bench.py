"""What the agent works with beside its desk: the tools of this question, the calls so far, and whose words it read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain, zip_longest

from basicchat.core.errors import ApprovalNeeded, BasicChatError, NotFound
from basicchat.core.shown import Exhibit
from basicchat.core.tools import ToolResult
from basicchat.core.types import Hit, Json, Scope, ToolCall, ToolOutcome, ToolSpec, ToolUse
from basicchat.reason import offer
from basicchat.reason.modes.searching import Found
from basicchat.reason.offer import Offer
from basicchat.reason.prompts.agent import Done
from basicchat.reason.task import Task
from basicchat.resilience.deadline import Deadline
from basicchat.retrieve.pipeline import Retrieval
from basicchat.toolbox import Grant, Request
from basicchat.toolbox.result import exhibits

LONGEST_RESULT = 1500  # characters of a result that the model reads
FAILURES = 2  # of a tool, then it is not offered any more
TABLES = "table_sql"
MOST_TABLES = 4  # documents whose tables are described


class Bench:
    """The calls of one answer.

    ``done`` are those that the model is told of, ``calls`` those that the answer is to have. ``tainted`` says that
    words of somebody else are in the prompt: passages, results of tools that give such, or earlier answers.
    """

    def __init__(self, task: Task) -> None:
        self.calls: list[ToolUse] = []
        self.done: list[Done] = []
        self.tainted = False
        self.hits: tuple[Hit, ...] = ()
        self._task = task
        self._shown: tuple[Exhibit, ...] = ()
        self._retrievals: list[Retrieval] = []
        self._wanted: Request | None = None

    @property
    def id(self) -> str:
        """The id of the call that is made now."""
        return str(len(self.calls) + 1)

    @property
    def may_go_on(self) -> bool:
        """Whether another call is within the budget."""
        return len(self.calls) < self._task.config.budget.tool_calls

    @property
    def results(self) -> list[str]:
        """What calls gave that the model wished for, or a person allowed; a look at the tables is none of them."""
        return [each.said for each in self.calls if each.outcome == "done" and (each.arguments or each.name != TABLES)]

    # ---------------------------------------------------------------- what there is

    def begin(self, found: Found | None) -> None:
        """Lay out what was found; None for nothing that would answer."""
        if found is not None:
            self.found(found.retrieval)
        self.tainted = bool(self.hits) or any(message.role == "assistant" for message in self._task.request.history)

    def found(self, retrieval: Retrieval) -> None:
        """Passages that were found on the way: those of every search by turns, the newest search first."""
        self._retrievals.insert(0, retrieval)
        turns = chain.from_iterable(zip_longest(*(each.hits for each in self._retrievals)))
        self.hits = tuple({hit.chunk.id: hit for hit in turns if hit is not None}.values())
        self.tainted = self.tainted or bool(self.hits)

    def joined(self, found: Found) -> Found:
        """The first search with those that followed."""
        queries = dict.fromkeys(
            [*found.retrieval.queries, *(text for each in self._retrievals for text in each.queries)]
        )
        retrieval = replace(found.retrieval, queries=tuple(queries), hits=self.hits or found.retrieval.hits)
        return replace(found, retrieval=retrieval)

    def offered(self, found: Found) -> Offer:
        """Which tools the question asks for by signals."""
        return offer.offer(self._task.request.question, {hit.document.media_type for hit in found.retrieval.hits})

    def tools(self, found: Found) -> tuple[ToolSpec, ...]:
        """The tools of this question that are there and not turned off, those that were asked for by name first."""
        box = self._task.tools
        if box is None:
            return ()
        question = self._task.request.question
        called = offer.named(question, box.names()) if offer.names_a_tool(question) else ()
        names = list(dict.fromkeys((*called, *self.offered(found).names)))
        if not self._task.retriever.document_count(self._task.request.scope):
            names = [name for name in names if name != offer.SEARCH]
        specs = []
        for name in names[: offer.MOST]:
            try:
                status = box.status(name)
            except NotFound:
                continue
            if status.standing != "never" and (name != offer.SEARCH or status.standing == "always"):
                specs.append(status.info.spec)
        return tuple(specs)

    def first(self, found: Found, tools: Sequence[ToolSpec]) -> str:
        """The tool that the question cannot do without, if it is among ``tools`` and no call was allowed by a person
        before it; empty for none.
        """
        wanted = self.offered(found).first
        there = wanted in {tool.name for tool in tools}
        return wanted if there and not self._task.request.allowed else ""

    # ---------------------------------------------------------------- calls

    def checked(self, name: str, value: Json) -> Mapping[str, Json]:
        """Arguments that fit a tool. Raises `ValueError`, which says what does not fit."""
        if not isinstance(value, dict):
            raise ValueError("the arguments must be a JSON object")
        if self._task.tools is not None:
            try:
                self._task.tools.tool(name).check(value)
            except BasicChatError as error:
                raise ValueError(f"{error} {error.hint}".strip()) from error
        return value

    def knows(self, call: ToolCall) -> bool:
        """Whether this very call was made or wished for before."""
        return any(each.name == call.name and dict(each.arguments) == dict(call.arguments) for each in self.calls)

    def gave_up(self, name: str) -> bool:
        """Whether a tool went wrong too often, or waits for a person: asking twice for one question is too much."""
        outcomes = [each.outcome for each in self.calls if each.name == name]
        return outcomes.count("failed") >= FAILURES or "asked" in outcomes

    def run(self, call: ToolCall, *, deadline: Deadline) -> ToolResult:
        """Run a tool. Raises `ApprovalNeeded` unless it may run or this very call was allowed, and what tools raise."""
        if self._task.tools is None:
            raise NotFound(f"There is no tool {call.name}.")
        result = self._task.tools.call(
            call.name, call.arguments, ask=self._asked, deadline=deadline, tainted=self.tainted, scope=self._scope(call)
        )
        self._shown = exhibits(result)
        return result

    def sized(self, text: str) -> str:
        """``text``, cut to what a prompt has room for."""
        return text if len(text) <= LONGEST_RESULT else f"{text[:LONGEST_RESULT]}\n[cut: there is more]"

    def gave(self, call: ToolCall, said: str) -> None:
        """A call that ran."""
        self._keep(call, "done", said, self._shown)
        self._shown = ()
        self.done.append(Done(call.name, call.arguments, said))

    def failed(self, call: ToolCall, said: str) -> None:
        """A call that went wrong; the model is told why, and that may be in the words of somebody else."""
        said = self.sized(said)
        self._keep(call, "failed", said)
        self.done.append(Done(call.name, call.arguments, f"Error: {said}"))
        self.tainted = self.tainted or self._speaks_for_others(call.name)

    def waits(self, call: ToolCall) -> None:
        """A call that a person must allow first."""
        reason = self._wanted.reason if self._wanted else "it must be allowed first"
        self._keep(call, "asked", reason)
        self.done.append(Done(call.name, call.arguments, "Not run: the user has not allowed it. Go on without it."))

    def _speaks_for_others(self, name: str) -> bool:
        """Whether a tool gives back words of somebody else, which may also stand in its errors."""
        try:
            return self._task.tools is not None and self._task.tools.status(name).info.tainted
        except NotFound:
            return False

    def _keep(self, call: ToolCall, outcome: ToolOutcome, said: str, shown: tuple[Exhibit, ...] = ()) -> None:
        self.calls.append(ToolUse(call.name, dict(call.arguments), outcome, said, self.tainted, shown))

    def _asked(self, request: Request) -> Grant:
        for each in self._task.request.allowed:
            if each.name == request.tool.name and dict(each.arguments) == dict(request.arguments):
                return "yes"
        self._wanted = request
        raise ApprovalNeeded(f"The tool {request.tool.name} did not run: {request.reason}.", hint="Allow this call.")

    def _scope(self, call: ToolCall) -> Scope:
        """Where a tool may look. A look at the tables is at those of the documents that were found."""
        scope = self._task.request.scope
        if call.arguments or call.name != TABLES:
            return scope
        sheets = dict.fromkeys(hit.document.id for hit in self.hits if hit.document.media_type in offer.SHEETS)
        return replace(scope, document_ids=tuple(sheets)[:MOST_TABLES] or scope.document_ids)
