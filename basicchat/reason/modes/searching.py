"""What every mode over documents shares: looking for passages, and saying that there are none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from basicchat.core.events import Event, Finished, Retrieved, Token
from basicchat.core.trace import Judged
from basicchat.core.types import Answer, Passage, Query, Usage
from basicchat.reason.abstain import refusal
from basicchat.reason.evidence import Evidence, measure
from basicchat.reason.rewrite.expand import expanded
from basicchat.reason.rewrite.plan import plan
from basicchat.reason.rewrite.together import joined, search_together
from basicchat.reason.task import Task
from basicchat.retrieve.pipeline import Retrieval

EMPTY = "There are no documents to look in yet. Add some in Library, or with `basicchat ingest`, and ask again."


@dataclass(frozen=True)
class Found:
    """What a search came to: the question as it was understood, the hits, how long it took, and what they show."""

    searched: str
    retrieval: Retrieval
    seconds: float
    evidence: Evidence

    @property
    def event(self) -> Retrieved:
        """What happened, for those who watch."""
        return Retrieved(self.retrieval.queries, self.retrieval.hits, self.seconds)


def look(task: Task) -> Found:
    """Search with the question as the conversation makes it understood, and with what `AnswerConfig.rewrite` adds."""
    before = task.elapsed
    request, config = task.request, task.config
    planned = plan(
        request.question, request.history, config=config.rewrite, model=lambda: task.model, deadline=task.deadline
    )

    def search(text: str) -> Retrieval:
        task.deadline.check()
        return task.retriever.search(Query(text, request.scope, config.top_k))

    retrieval = search_together(search, planned.texts)
    if config.rewrite.expand:
        further = expanded(planned.question, [hit.chunk.text for hit in retrieval.hits])
        retrieval = joined([retrieval, search(further)]) if further != planned.question else retrieval
    task.deadline.check()
    retrieval = replace(retrieval, warnings=planned.warnings + retrieval.warnings)
    return Found(planned.question, retrieval, task.elapsed - before, measure(planned.question, retrieval.hits))


def answerable(task: Task, found: Found) -> bool:
    """Whether it is likely enough that the hits hold the answer, for the strictness that was asked for."""
    opened = bool(found.retrieval.hits) and task.gate.opens(found.evidence)
    least, known = task.gate.least(found.evidence), found.evidence.known()
    task.recorder.judged(Judged(opened, likelihood(task, found), least, task.gate.strictness, known))
    return opened


def likelihood(task: Task, found: Found) -> float | None:
    """The probability that the hits hold the answer, rounded; 0 without any, None where nothing tells."""
    probability = task.gate.probability(found.evidence) if found.retrieval.hits else 0.0
    return None if probability is None else round(probability, 3)


def decline(
    task: Task,
    found: Found,
    passages: tuple[Passage, ...],
    *,
    mode: str,
    model: str | None = None,
    usage: Usage | None = None,
    warnings: tuple[str, ...] = (),
) -> Iterator[Event]:
    """End with an answer that says that the documents do not, what was searched, and what came nearest."""
    documents = task.retriever.document_count(task.request.scope)
    text = refusal(passages, documents=documents) if documents else EMPTY
    yield Token(text)
    yield Finished(
        Answer(
            text=text,
            abstained=True,
            mode=mode,
            model=model,
            passages=passages,
            usage=usage or Usage(),
            timings={"retrieve": found.seconds, "total": task.elapsed},
            warnings=found.retrieval.warnings + warnings,
            likelihood=likelihood(task, found),
        )
    )


def rough_tokens(text: str) -> int:
    """Tokens of a text at four characters each: for passages that no model is going to read."""
    return -(-len(text) // 4)
