"""From events and kept turns to what is shown. Pure: no Streamlit here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from basicchat.core.events import (
    Event,
    Failed,
    Finished,
    Retrieved,
    Stepped,
    Thought,
    Token,
    ToolCalled,
    ToolReturned,
    Verified,
)
from basicchat.core.grounding import described, unsupported, unsupported_remark
from basicchat.core.types import (
    Answer,
    Citation,
    Conflict,
    Conversation,
    Document,
    Earlier,
    FileOutcome,
    FileStatus,
    Job,
    JobState,
    Passage,
    SourceFacts,
    Span,
    Step,
    ToolUse,
    Turn,
)
from basicchat.ingest import formats
from basicchat.reason import worth
from basicchat.ui.errors import Notice, notice
from basicchat.ui.places import Place

STAGES = {
    "retrieve": "looking",
    "search": "looking",
    "dense": "by meaning",
    "lexical": "by words",
    "rerank": "ordering",
    "first_token": "first word",
    "generate": "writing",
    "total": "altogether",
}
"""Words for the stages of an answer."""

MODES = {
    "auto": "Automatic",
    "direct": "Written answer",
    "extractive": "Quotes only",
    "chat": "Without documents",
    "chain_of_thought": "Think first",
    "multi_step": "Step by step",
    "plan_and_execute": "Plan, then answer",
    "tree_of_thought": "Several drafts",
    "debate": "Several readings",
    "agent": "With tools",
    "program": "Compute",
}
"""Ways of answering, as the reader knows them."""

_MODE_HELP = {
    "auto": "A written answer when a model is ready, quotes until then.",
    "direct": "The model writes an answer from your documents and cites them.",
    "extractive": "The best sentences of your documents, word for word. Needs no model.",
    "chat": "Talk to the model; your documents are not looked at.",
    "chain_of_thought": "The model writes down its steps, then answers. Takes somewhat longer.",
    "multi_step": "Divides the question, looks for each part, joins the answers. Takes 3 to 5 times as long.",
    "plan_and_execute": "Plans its searches and carries them out. Takes 3 to 6 times as long.",
    "tree_of_thought": "Five drafts; the one that your documents bear out best. Takes 4 to 6 times as long.",
    "debate": "Three readers with different eyes; what most say, and who disagrees. Takes 3 times as long.",
    "agent": "Computes, counts and looks things up with tools. Takes 2 to 6 times as long.",
    "program": "Writes a small program over the numbers found, runs it in a sandbox, shows both.",
}
MODE_HELP = {mode: worth.told(mode, text) for mode, text in _MODE_HELP.items()}
"""What is said of each way of answering, with what was measured of it."""

FILE_STATES = {
    FileStatus.DONE: (":material/check_circle:", "added", "green"),
    FileStatus.WARNINGS: (":material/info:", "added, with notes", "orange"),
    FileStatus.UNCHANGED: (":material/check:", "already here, unchanged", "gray"),
    FileStatus.DUPLICATE: (":material/content_copy:", "same content is already here", "gray"),
    FileStatus.FAILED: (":material/error:", "could not be read", "red"),
    FileStatus.NEEDS_PASSWORD: (":material/lock:", "needs a password", "orange"),
}
"""An icon, words and a colour for how a file ended. The icon and the words carry it; the colour only helps."""

JOB_STATES = {
    JobState.QUEUED: "waiting",
    JobState.RUNNING: "working",
    JobState.PAUSED: "paused",
    JobState.DONE: "done",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "stopped",
}
"""Words for where a job stands."""

KINDS = {
    formats.PDF: "PDF",
    **dict.fromkeys((formats.DOCX, formats.DOC, formats.ODT, formats.RTF), "Text document"),
    **dict.fromkeys((formats.PPTX, formats.PPT, formats.ODP), "Slides"),
    **dict.fromkeys((formats.XLSX, formats.XLS, formats.ODS), "Sheets"),
    formats.CSV: "Table",
    **dict.fromkeys((formats.HTML, formats.MHTML), "Web page"),
    formats.MARKDOWN: "Markdown",
    **dict.fromkeys((formats.RST, formats.ASCIIDOC, formats.TEX, formats.TEXT), "Text"),
    formats.SUBTITLES: "Subtitles",
    formats.EPUB: "Book",
    **dict.fromkeys((formats.MAIL, formats.OUTLOOK, formats.MBOX), "Mail"),
    formats.NOTEBOOK: "Notebook",
    formats.SOURCE: "Code",
    **dict.fromkeys((formats.JSON, formats.RECORDS, formats.XML, "application/x-ndjson"), "Records"),
    **dict.fromkeys((formats.PNG, formats.JPEG, formats.TIFF, formats.WEBP, formats.GIF, formats.BMP), "Picture"),
    **dict.fromkeys((formats.WAV, formats.MP3, formats.M4A, formats.FLAC, formats.OGG), "Recording"),
}
"""Kinds of documents, as people call them."""


STEP_STATES = {
    "running": (":material/progress_activity:", "under way"),
    "done": (":material/check:", ""),
    "failed": (":material/error:", "failed"),
    "skipped": (":material/remove:", "left out"),
}
"""An icon and a word for how a step stands."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer as far as it is: everything the page needs to draw it."""

    text: str
    steps: str
    details: tuple[str, ...] = ()
    taken: tuple[Step, ...] = ()
    citations: tuple[Citation, ...] = ()
    passages: tuple[Passage, ...] = ()
    abstained: bool = False
    warnings: tuple[str, ...] = ()
    footer: str = ""
    failure: Notice | None = None
    support: str = ""
    doubted: tuple[Span, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    sources: tuple[SourceFacts, ...] = ()
    earlier: Earlier | None = None
    calls: tuple[ToolUse, ...] = ()
    traced: bool = False
    done: bool = False
    stopped: bool = False


def shown(events: Sequence[Event]) -> Shown:
    """What to draw for the events seen so far."""
    details = tuple(line for event in events if (line := _detail(event)))
    support = next((_support(event) for event in reversed(events) if isinstance(event, Verified)), "")
    end = events[-1] if events else None
    if isinstance(end, Finished):
        return _of_answer(end.answer, details=details, support=support)
    text = "".join(event.text for event in events if isinstance(event, Token))
    failure = notice(end) if isinstance(end, Failed) else None
    return Shown(
        text=text,
        steps=_doing(events, text),
        details=details,
        taken=_taken(events),
        failure=failure,
        support=support,
        done=failure is not None,
    )


def shown_turn(turn: Turn) -> Shown:
    """What to draw for a kept turn of the assistant."""
    if turn.answer is None:
        return Shown(text=turn.content, steps="Stopped before the end" if turn.stopped else "", done=True, stopped=True)
    return _of_answer(turn.answer)


def _of_answer(answer: Answer, *, details: tuple[str, ...] = (), support: str = "") -> Shown:
    marked = unsupported_remark(unsupported(answer.text, answer.sentences))
    return Shown(
        text=answer.text,
        steps=_steps(answer),
        details=details + _likelihood(answer) + _timings(answer) + _reading(answer),
        taken=answer.steps,
        citations=answer.citations,
        passages=answer.passages,
        abstained=answer.abstained,
        warnings=tuple(warning for warning in answer.warnings if warning != marked),
        footer=_footer(answer),
        support=support or _checked(answer),
        doubted=tuple((each.start, each.end) for each in answer.sentences if each.verdict == "unsupported"),
        conflicts=answer.conflicts,
        sources=answer.sources,
        earlier=answer.earlier,
        calls=answer.calls,
        traced=bool(answer.trace),
        done=True,
    )


def _taken(events: Sequence[Event]) -> tuple[Step, ...]:
    return tuple({event.step.id: event.step for event in events if isinstance(event, Stepped)}.values())


def results(calls: Sequence[ToolUse]) -> list[ToolUse]:
    """The calls whose results are to be shown with an answer. Searches show as its sources, a look has no arguments."""
    return [each for each in calls if each.outcome == "done" and each.arguments and each.name != "documents"]


def step_line(step: Step) -> str:
    """A step on one line, without its icon: what it does, how it stands, what it took."""
    took = seconds(step.seconds) if step.seconds >= 0.05 else ""
    written = f"{step.tokens} tokens" if step.tokens else ""
    return " · ".join(part for part in (step.title, STEP_STATES[step.status][1], took, written) if part)


def _doing(events: Sequence[Event], text: str) -> str:
    if text:
        return "Writing"
    found = next((event for event in reversed(events) if isinstance(event, Retrieved)), None)
    if found is None:
        return "Looking through your documents"
    return f"Reading {count(len(found.hits), 'passage')} from {count(_documents(found), 'document')}"


def _documents(found: Retrieved) -> int:
    return len({hit.document.id for hit in found.hits})


def _steps(answer: Answer) -> str:
    if answer.earlier:
        return ""
    total = answer.timings.get("total") or sum(answer.timings.values())
    if answer.mode == "chat" or not answer.passages:
        looked = "Answered without your documents" if answer.mode == "chat" else "Looked through your documents"
    else:
        documents = len({passage.document.id for passage in answer.passages})
        looked = f"Read {count(len(answer.passages), 'passage')} from {count(documents, 'document')}"
    taken = f" · {count(len(answer.steps), 'step')}" if answer.steps else ""
    return f"{looked}{taken} · {seconds(total)}" if total else f"{looked}{taken}"


def _detail(event: Event) -> str:
    match event:
        case Retrieved(queries=queries, hits=hits, seconds=took):
            asked = "; ".join(f"“{query}”" for query in queries)
            return f"Searched for {asked}: {count(len(hits), 'passage')} in {seconds(took)}"
        case Thought(text=text):
            return text.strip()
        case ToolCalled(name=name):
            return f"Used {name}"
        case ToolReturned(name=name, error=True, result=result):
            return f"{name} did not do it: {result}"
        case _:
            return ""


def _support(event: Verified) -> str:
    return f"{event.supported} of {count(event.total, 'sentence')} supported"


def _likelihood(answer: Answer) -> tuple[str, ...]:
    if answer.likelihood is None:
        return ()
    return (f"How likely the passages answer this, as judged beforehand: {answer.likelihood:.0%}",)


def _checked(answer: Answer) -> str:
    """How many sentences are borne out, for a written answer; quotes are by nature."""
    if answer.mode == "extractive" or not answer.sentences:
        return ""
    borne_out = sum(each.verdict == "supported" for each in answer.sentences)
    return _support(Verified(borne_out, len(answer.sentences)))


def legend(doubted: int) -> str:
    """What the marks in an answer mean."""
    if not doubted:
        return ""
    return f"{count(doubted, 'sentence')} {'has' if doubted == 1 else 'have'} no support in the cited passages"


def _timings(answer: Answer) -> tuple[str, ...]:
    parts = [f"{STAGES.get(name, name)} {seconds(value)}" for name, value in answer.timings.items()]
    return (" · ".join(parts),) if parts else ()


def _reading(answer: Answer) -> tuple[str, ...]:
    """What the model read, and how much of it it still knew."""
    read, known = answer.usage.prompt_tokens, answer.usage.reused_tokens
    if not read or known is None:
        return ()
    return (f"The model read {max(read - known, 0):,} tokens and still knew {known:,} of {read:,}",)


def _footer(answer: Answer) -> str:
    who = answer.model or ("your documents, word for word" if answer.mode == "extractive" else "")
    return f"Answered by {model_words(who)}" if answer.model else who[:1].upper() + who[1:]


def places(shown_answer: Shown) -> tuple[Place, ...]:
    """The places an answer cites, in the order of their numbers; the nearest passages when it abstained."""
    about = {each.document_id: described(each) for each in shown_answer.sources}
    if shown_answer.citations:
        return tuple(
            Place(
                *(c.document_id, c.title or c.source, c.page, c.start, c.end, c.quote, c.number, c.place),
                about=about.get(c.document_id, ""),
            )
            for c in sorted(shown_answer.citations, key=lambda citation: citation.number)
        )
    return tuple(
        Place(p.document.id, p.document.title or p.document.source, p.page, p.start, p.end, p.text, p.number, p.place)
        for p in shown_answer.passages
    )


def sides(conflict: Conflict) -> tuple[Place, ...]:
    """The places of a conflict, to be opened."""
    return tuple(
        Place(each.document_id, each.title, each.page, each.start, each.end, each.quote, each.passage)
        for each in conflict.statements
    )


def count(number: int, noun: str) -> str:
    """``1 page``, ``2 pages``, ``no pages``."""
    if number == 0:
        return f"no {noun}s"
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def seconds(value: float) -> str:
    """A duration as people say it."""
    if value < 0.95:
        return f"{max(value, 0.01):.2f} s" if value < 0.1 else f"{value:.1f} s"
    if value < 60:
        return f"{value:.0f} s"
    return f"{int(value // 60)} min {int(value % 60)} s"


def size(number: int) -> str:
    """Bytes as people say them."""
    amount = float(number)
    for unit in ("bytes", "KB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


def when(timestamp: float, *, now: datetime) -> str:
    """A time as people say it, in the zone of ``now``."""
    moment = datetime.fromtimestamp(timestamp, tz=now.tzinfo)
    if moment.date() == now.date():
        return f"today, {moment:%H:%M}"
    if moment.date() == (now - timedelta(days=1)).date():
        return f"yesterday, {moment:%H:%M}"
    return f"{moment.day} {moment:%B}" if moment.year == now.year else f"{moment.day} {moment:%B %Y}"


def by_day(conversations: Sequence[Conversation], *, now: datetime) -> dict[str, list[Conversation]]:
    """Conversations under ``Today``, ``Yesterday``, ``This week`` and ``Earlier``, in the order given."""
    groups: dict[str, list[Conversation]] = {}
    for conversation in conversations:
        days = (now.date() - datetime.fromtimestamp(conversation.updated_at, tz=now.tzinfo).date()).days
        name = "Today" if days <= 0 else "Yesterday" if days == 1 else "This week" if days < 7 else "Earlier"
        groups.setdefault(name, []).append(conversation)
    return groups


def model_words(name: str) -> str:
    """A model's name without what only says how it is packed."""
    return re.sub(r"[-_:.](instruct|q\d\w*|gguf|latest|fp16|f16|bf16|int8)(?=$|[-_:.])", "", name, flags=re.IGNORECASE)


def kind_of(document: Document) -> str:
    """What kind of document it is, as people call it."""
    return KINDS.get(document.media_type, document.media_type.rsplit("/", 1)[-1].upper())


def outcome_line(outcome: FileOutcome) -> str:
    """What became of a file, after its name: words, pages, and what is wrong."""
    _, words, _ = FILE_STATES[outcome.status]
    pages = f", {count(outcome.pages, 'page')}" if outcome.pages else ""
    return f"{words}{pages}"


def job_line(job: Job) -> str:
    """What a job is doing, how much of it is done."""
    if job.state is not JobState.RUNNING:
        return JOB_STATES[job.state]
    amount = ""
    if job.total:
        amount = (
            f" · {size(job.done)} of {size(job.total)}"
            if job.unit == "bytes"
            else f" · {job.done:,} of {job.total:,} {job.unit}"
        )
    return f"{job.stage or JOB_STATES[job.state]}{amount}".rstrip()


def fraction(job: Job) -> float:
    """How much of a job is done, from 0 to 1."""
    if job.state is JobState.DONE:
        return 1.0
    return min(job.done / job.total, 1.0) if job.total else 0.0
