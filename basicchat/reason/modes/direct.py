"""One search, one prompt, one streamed and cited answer."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from basicchat.core.errors import BasicChatError, Cancelled, DependencyMissing, UserError
from basicchat.core.events import Event, Finished, Token, Verified
from basicchat.core.grounding import unsupported, unsupported_remark
from basicchat.core.protocols import ChatModel
from basicchat.core.types import Answer
from basicchat.reason.attribute import citations, supporting
from basicchat.reason.conflicts import conflicts
from basicchat.reason.context import (
    Prompt,
    Room,
    continued_prompt,
    counting,
    direct_prompt_for,
    passage_budget,
    room,
    safe_count,
)
from basicchat.reason.continuing import conversation
from basicchat.reason.generate import Reply, remarks, write
from basicchat.reason.likelihood import says_so
from basicchat.reason.modes import extractive
from basicchat.reason.modes.searching import Found, answerable, decline, likelihood, look, rough_tokens
from basicchat.reason.sources import source_facts
from basicchat.reason.support import Grounds
from basicchat.reason.task import Task
from basicchat.reason.verify import Score, check, with_results
from basicchat.retrieve.pipeline import Retriever

NAME = "direct"

CHECK_SECONDS = 0.4  # what the reranker may spend on all sentences of an answer, when that is whole


def answer(task: Task) -> Iterator[Event]:
    """Search; decline when the evidence is thin; else let the model write from the passages.

    When the model fails before a word was shown, the best sentences are quoted instead and a warning says why.
    When it fails later, the error is raised: what was shown stays shown, but it is no whole answer.
    """
    found = look(task)
    yield found.event
    yield from answer_from(task, found)


def answer_from(task: Task, found: Found) -> Iterator[Event]:
    """Answer as `answer` does, from what was found already."""
    if not answerable(task, found):
        passages = task.retriever.passages(found.retrieval.hits, budget=task.config.passage_tokens, count=rough_tokens)
        yield from decline(task, found, passages, mode=NAME)
        return
    reply: Reply | None = None
    try:
        model = task.model
        if model is None:
            raise DependencyMissing("A chat model", hint="Fetch one with: basicchat models pull")
        with task.recorder.span("prompt"):
            prompt, window = prompt_for(task, found, model)
        if not says_so(task, model, prompt, window=window):
            yield from decline(task, found, prompt.passages, mode=NAME, model=model.info().name)
            return
        grounds = Grounds(prompt.passages, question=task.request.question)
        reply = Reply(len(prompt.passages), settle=grounds.settle)
        yield from _written(task, found, model, prompt, reply, window)
    except (UserError, Cancelled):
        raise
    except BasicChatError as error:
        if reply is not None and reply.text:
            raise
        warning = f"The chat model could not be used, so the best sentences are quoted: {error}"
        yield from extractive.quote(task, found, warnings=(warning,))


def prompt_for(task: Task, found: Found, model: ChatModel) -> tuple[Prompt, int]:
    """The prompt over what was found, and the window of the model. Raises `QueryTooLong`.

    A follow-up goes on from the prompt before it, where that leaves room.
    """
    window = model.info().context_window
    space = room(window, max_tokens=task.config.max_tokens)
    return _continued(task, found, model, space) or _begun(task, found, model, space), window


def _continued(task: Task, found: Found, model: ChatModel, space: Room) -> Prompt | None:
    """The prompt of the turn before with what is new.

    None without one, where it grew too long, and where a passage in it may not be used for this question: its document
    is gone or left out, or says something else now.
    """
    before = conversation(task.request.history)
    if not before.passages or not task.retriever.stand(before.passages, task.request.scope):
        return None
    count = counting(model)
    hits, budget = before.split(found.retrieval.hits, budget=task.config.passage_tokens, count=count)
    fresh = task.retriever.passages(hits, budget=budget, count=count) if hits else ()
    most = min(task.config.conversation_tokens, space.prompt)
    prompt = continued_prompt(
        model,
        task.request.question,
        before=before,
        fresh=before.numbered(fresh),
        space=space,
        leans=found.searched != task.request.question,
        manner=task.manner,
    )
    return prompt if safe_count(prompt.counted) <= most else None


def _begun(task: Task, found: Found, model: ChatModel, space: Room) -> Prompt:
    """A prompt of its own, with some of what was said before. Raises `QueryTooLong`."""
    budget = min(
        task.config.passage_tokens, passage_budget(model, task.request.question, space=space, manner=task.manner)
    )

    passages = task.retriever.passages(found.retrieval.hits, budget=budget, count=counting(model))
    return direct_prompt_for(
        model,
        task.request.question,
        passages=passages,
        history=task.request.history,
        space=space,
        manner=task.manner,
    )


def _written(task: Task, found: Found, model: ChatModel, prompt: Prompt, reply: Reply, window: int) -> Iterator[Event]:
    first_token = None
    for event in write(task, model, prompt, reply, window=window):
        if first_token is None and isinstance(event, Token):
            first_token = task.elapsed
        yield event
    yield from concluded(task, found, model, prompt, reply, window, first_token)


def concluded(
    task: Task,
    found: Found,
    model: ChatModel,
    prompt: Prompt,
    reply: Reply,
    window: int,
    first_token: float | None,
    results: Sequence[str] = (),
) -> Iterator[Event]:
    """What follows the words of a reply: its source where it named none, the check, and the end.

    ``results`` are what tools gave: a sentence that rests on them is not doubted.
    """
    name = reply.answered or model.info().name
    if reply.declined:
        yield from decline(task, found, prompt.passages, mode=NAME, model=name, usage=reply.usage)
        return
    grounds = Grounds(prompt.passages, question=task.request.question)
    sources = () if reply.citations.numbers else _sources(reply.text, prompt, grounds, task.request.question)
    if sources:
        yield Token(reply.add(" " + "".join(f"[{number}]" for number in sources)))
    with task.recorder.span("check"):
        sentences = check(reply.text, grounds, score=scoring(task.retriever))
        sentences = with_results(reply.text, sentences, prompt.passages, results, question=task.request.question)
    doubted = unsupported(reply.text, sentences)
    yield Verified(sum(each.verdict == "supported" for each in sentences), len(sentences), doubted)
    sourced = bool(reply.citations.numbers or sources or results)
    cited = citations(reply.text, prompt.passages, question=task.request.question)
    yield Finished(
        Answer(
            text=reply.text,
            abstained=False,
            mode=NAME,
            model=name,
            citations=cited,
            passages=prompt.passages,
            usage=reply.usage,
            timings={"retrieve": found.seconds, "first_token": first_token or task.elapsed, "total": task.elapsed},
            warnings=found.retrieval.warnings
            + remarks(prompt, reply, window=window)
            + doubts(doubted, sourced=sourced),
            likelihood=likelihood(task, found),
            sentences=sentences,
            conflicts=conflicts(reply.text, sentences, prompt.passages),
            sources=source_facts(reply.text, sentences, cited, grounds),
        )
    )


def _sources(text: str, prompt: Prompt, grounds: Grounds, question: str) -> tuple[int, ...]:
    """The passages to name for an answer whose model named none: one that holds it all, or one for each sentence."""
    source = supporting(text, prompt.passages, question=question)
    return (source.number,) if source else grounds.sources(text)


def scoring(retriever: Retriever) -> Score:
    """The reranker on sentences, for `CHECK_SECONDS` altogether."""
    ends = time.monotonic() + CHECK_SECONDS

    def score(claim: str, texts: Sequence[str]) -> list[float]:
        left = ends - time.monotonic()
        return retriever.score(claim, texts, seconds=left) if left > 0 else []

    return score


def doubts(unsupported: Sequence[str], *, sourced: bool) -> tuple[str, ...]:
    """What to check for oneself: an answer without a source, and every sentence that the passages do not bear out."""
    sourceless = "" if sourced else "The answer names no source. Check it against the passages."
    return tuple(remark for remark in (sourceless, unsupported_remark(unsupported)) if remark)
