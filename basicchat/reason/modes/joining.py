"""From findings of several steps to one answer: passages numbered once over all, and notes beside them."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace

from basicchat.core.events import Event
from basicchat.core.types import Hit, Query
from basicchat.reason.claims import without_numbers
from basicchat.reason.modes.stepping import Desk, ended
from basicchat.reason.prompts import answering
from basicchat.reason.rewrite.together import joined
from basicchat.reason.steps import Manner
from basicchat.reason.support import Grounds
from basicchat.retrieve.pipeline import Retrieval

PART_TOKENS = 96  # of the answer to a part: a sentence or two
PART_SHARE = 2  # a part is answered from half of the passages that a whole answer may draw on
LONGEST_INSERT = 12  # words of an earlier answer that stand for #1 in a later question

_REFERENCE = re.compile(r"#(\d)")


@dataclass(frozen=True)
class Finding:
    """What a part of the question came to. ``text`` is empty where the passages did not say; ``cited`` are the chunks
    that bear it out.
    """

    question: str
    text: str
    retrieval: Retrieval
    cited: tuple[str, ...] = ()


def filled(text: str, found: Sequence[str]) -> str:
    """``text`` with the beginning of what was found in place of #1, #2, ...; a number of nothing becomes "it"."""

    def insert(match: re.Match[str]) -> str:
        place = int(match[1]) - 1
        said = found[place] if 0 <= place < len(found) else ""
        return " ".join(said.split()[:LONGEST_INSERT]).rstrip(" .,;:") or "it"

    return _REFERENCE.sub(insert, text)


def searched(desk: Desk, text: str) -> Retrieval:
    """A search of its own, in the scope of the question."""
    desk.task.deadline.check()
    return desk.task.retriever.search(Query(text, desk.task.request.scope, desk.task.config.top_k))


def part_answered(desk: Desk, question: str, retrieval: Retrieval) -> Generator[Event, None, Finding]:
    """Answer a part of the question from a retrieval of its own."""
    prompt = desk.fitted(
        lambda passages: answering.messages(question, passages), desk.passages(retrieval.hits, share=PART_SHARE)
    )
    reply = yield from desk.drafted(prompt, Manner(PART_TOKENS))
    if reply.declined or not reply.text.strip():
        return Finding(question, "", retrieval)
    numbers = reply.citations.numbers or Grounds(prompt.passages, question=question).sources(reply.text)
    chunks = [chunk for each in prompt.passages if each.number in numbers for chunk in each.chunk_ids]
    return Finding(question, without_numbers(reply.text), retrieval, tuple(chunks))


def written(desk: Desk, findings: Sequence[Finding], *, mode: str) -> Iterator[Event]:
    """Write the answer from every passage that was found, the ones that findings rest on first.

    Passages are numbered once, over all findings, so every citation resolves whichever search found its passage.
    """
    hits = in_order(desk.found.retrieval, findings)
    notes = "\n".join(f"- {each.question} {each.text}" for each in findings if each.text)
    prompt = desk.fitted(
        lambda passages: answering.messages(desk.question, passages, notes=notes, manner=desk.task.manner),
        desk.passages(hits),
    )
    found = replace(desk.found, retrieval=replace(desk.found.retrieval, hits=tuple(hits)))
    ending = replace(desk, found=found)
    reply = ending.reply(prompt.passages)
    yield from ending.streamed(prompt, reply)
    yield from ended(ending, prompt, reply, mode=mode)


def in_order(first: Retrieval, findings: Sequence[Finding]) -> list[Hit]:
    """Every hit once: those that findings cite, in their order, then the rest of all searches by their fused ranks."""
    retrievals = [first, *(each.retrieval for each in findings)]
    by_chunk = {hit.chunk.id: hit for each in reversed(retrievals) for hit in each.hits}
    cited = dict.fromkeys(chunk for each in findings for chunk in each.cited if chunk in by_chunk)
    return [
        *(by_chunk[chunk] for chunk in cited),
        *(hit for hit in joined(retrievals).hits if hit.chunk.id not in cited),
    ]
