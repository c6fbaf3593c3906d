"""The course of an inquiry, step by step. What each finished step came to is kept, and is never done again."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from functools import partial

from basicchat.core.codec import from_json, to_json
from basicchat.core.errors import ProviderError
from basicchat.core.events import Stepped
from basicchat.core.research import Inquiry, Note, Paragraph, Report
from basicchat.core.types import Json, Step
from basicchat.reason.research.desk import Place, Spent, Tell, Tools, place
from basicchat.reason.research.look import Looked, looked
from basicchat.reason.research.plan import planned
from basicchat.reason.research.read import document_read, web_read
from basicchat.reason.research.report import assembled
from basicchat.reason.research.summary import Finding, Summary, findings_of, summarised

LAST_STEPS = 2  # of the budget, which are kept for the summary and the report
PLAN, REPORT = "plan", "report"

Run = Callable[[], Note]
"""Does a step and gives its note, not yet kept."""

Work = Callable[[Place], tuple[Json, str]]
"""What a step does: the value to keep, and what it came to in words."""

Keep = Callable[[str, Run], Note]
"""The kept note of a step by its name, or that of doing it now."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the planning step came to."""

    parts: tuple[str, ...]
    documents: int
    model: str | None
    remark: str = ""


@dataclass
class Course:
    """Carries an inquiry out. The same kept notes always lead to the same next step.

    ``keep`` is asked for every step in the same order, also for those that were finished before a restart. Raises what
    ``tell`` and ``keep`` raise.
    """

    inquiry: Inquiry
    tools: Tools
    keep: Keep
    tell: Tell
    now: Callable[[], float] = time.time
    spent: Spent = field(init=False)
    expected: int = field(init=False, default=0)
    """Steps that there will be, as far as is known; 0 before the plan."""

    def __post_init__(self) -> None:
        self.spent = Spent(self.inquiry)

    def run(self) -> Generator[Stepped, None, Report]:
        """Yields each step when it begins and when it has ended, and returns the report."""
        plan = from_json(Plan, (yield from self._step(PLAN, "Plan", self._plan)).value)
        self.expected = 1 + len(plan.parts) * (1 + self.inquiry.most_sources) + LAST_STEPS
        looks: list[Looked] = []
        for at, part in enumerate(plan.parts, start=1):
            if self._full():
                looks.append(Looked(part, (), skipped=True))
                continue
            note = yield from self._step(f"look {at}", f"Look for “{part}”", self._look(part), part)
            looks.append(from_json(Looked, note.value))
        self.expected = 1 + len(looks) + sum(len(each.sources) + len(each.web) for each in looks) + LAST_STEPS
        paragraphs: list[list[Paragraph]] = []
        for at, look in enumerate(looks, start=1):
            paragraphs.append((yield from self._read(at, look)))
        findings = findings_of(paragraphs)
        note = yield from self._step("summary", "Summary", self._summary(findings))
        summary = from_json(Summary, note.value)
        note = yield from self._step(REPORT, "Check the citations", self._report(plan, looks, paragraphs, summary))
        return from_json(Report, note.value)

    # ------------------------------------------------------------ the steps

    def _plan(self, where: Place) -> tuple[Json, str]:
        parts, remark = planned(where, self.inquiry)
        documents = len(self.tools.shelf.documents(self.inquiry.collection))
        plan = Plan(parts, documents, _name(where), remark)
        return to_json(plan), "\n".join(parts)

    def _look(self, part: str) -> Work:
        def look(where: Place) -> tuple[Json, str]:
            found = looked(where, self.tools, self.inquiry, part)
            names = [*(each.title for each in found.sources), *(each.address for each in found.web)]
            return to_json(found), "; ".join(names) or "Nothing is likely to answer this."

        return look

    def _read(self, at: int, look: Looked) -> Generator[Stepped, None, list[Paragraph]]:
        """A paragraph a source; sources whose turn comes after the budget are skipped."""
        if look.skipped:
            return [Paragraph("", "", "skipped")]
        found: list[Paragraph] = []
        for source in look.sources:
            read = partial(document_read, tools=self.tools, question=look.question, title=source.title)
            name = f"read {at} {source.document_id}"
            found.append((yield from self._paragraph(name, source.title, source.document_id, look.question, read)))
        for number, text in enumerate(look.web, start=1):
            read = partial(web_read, question=look.question, text=text)
            title = text.title or text.address
            found.append((yield from self._paragraph(f"web {at} {number}", title, "", look.question, read)))
        return found

    def _paragraph(
        self, name: str, title: str, document_id: str, question: str, read: Callable[..., Paragraph]
    ) -> Generator[Stepped, None, Paragraph]:
        if self._full():
            return Paragraph(document_id, title, "skipped")
        model = not self.spent.over

        def work(where: Place) -> tuple[Json, str]:
            found = read(where, model=model)
            return to_json(found), found.text or found.remark or "It does not say."

        note = yield from self._step(name, f"Read {title}", work, question, document_id)
        return from_json(Paragraph, note.value)

    def _summary(self, findings: tuple[Finding, ...]) -> Work:
        def summary(where: Place) -> tuple[Json, str]:
            found = summarised(where, findings, model=not self.spent.over)
            return to_json(found), found.remark or found.text

        return summary

    def _report(
        self, plan: Plan, looks: Sequence[Looked], paragraphs: Sequence[Sequence[Paragraph]], summary: Summary
    ) -> Work:
        def report(_: Place) -> tuple[Json, str]:
            found = assembled(
                self.inquiry,
                looks,
                paragraphs,
                summary,
                page=self.tools.shelf.page,
                spent=self.spent,
                model=plan.model,
                documents=plan.documents,
                remarks=[plan.remark] if plan.remark else [],
                made_at=self.now(),
            )
            good = len(found.citations) - len(found.unresolved)
            return to_json(found), f"{good} of {len(found.citations)} citations resolve."

        return report

    # ------------------------------------------------------------ how a step is done

    def _full(self) -> bool:
        return self.spent.left.steps <= LAST_STEPS

    def _step(
        self,
        name: str,
        title: str,
        work: Work,
        question: str = "",
        document_id: str = "",
    ) -> Generator[Stepped, None, Note]:
        number = str(self.spent.steps + 1)
        yield Stepped(Step(number, title))

        def run() -> Note:
            where = place(
                self.tools,
                self.inquiry,
                question or self.inquiry.question,
                left=self.spent.left,
                tell=self.tell,
                document_id=document_id,
            )
            begun = time.monotonic()
            value, detail = work(where)
            usage = where.steps.usage
            return Note(
                name=name,
                title=title,
                detail=detail,
                seconds=time.monotonic() - begun,
                read=usage.prompt_tokens or 0,
                written=usage.completion_tokens or 0,
                value=value,
                kept_at=self.now(),
            )

        note = self.keep(name, run)
        self.spent.add(note)
        yield Stepped(step_of(note, number))
        return note


def step_of(note: Note, number: str) -> Step:
    """A finished step as people see it."""
    return Step(number, note.title, "done", note.seconds, note.written, note.detail)


def _name(where: Place) -> str | None:
    """The name of the model, None where there is none or it does not answer."""
    model = where.task.model
    try:
        return model.info().name if model is not None else None
    except ProviderError:
        return None
