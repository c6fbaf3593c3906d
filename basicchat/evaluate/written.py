"""Questions that a chat model writes from passages, kept where the passage bears out the answer given with them.

The nearest there is, without people, to how somebody asks who has not read the passage. A small model still borrows
words of the passage, and asks what the passage happens to say; so figures stay on the bright side.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence

from basicchat.core.errors import BadReply, DeadlineExceeded
from basicchat.core.place import where
from basicchat.core.protocols import ChatModel
from basicchat.core.types import Chunk, Document, GenerationOptions, Json, Message, Passage
from basicchat.evaluate.cases import Question
from basicchat.reason.support import Grounds
from basicchat.reason.verify import check
from basicchat.resilience.deadline import Deadline, StreamGuard
from basicchat.retrieve.terms import coverage, numbers, terms

READ = 1500
"""Characters of a passage that the model reads."""
TOKENS = 120
"""Of a question and its answer."""
SECONDS = 60.0
"""For one question; a model that needs longer is not waited for."""
SHORTEST, LONGEST = 4, 40
"""Words of a question."""
OF_PASSAGE = 0.4
"""The share of its words that a question must have from the passage, to be about it at all."""
SAME = 0.6
"""Two questions that share this much of their words ask the same."""
SCHEMA: dict[str, Json] = {
    "type": "object",
    "properties": {"question": {"type": "string"}, "answer": {"type": "string"}},
    "required": ["question", "answer"],
    "additionalProperties": False,
}
ASKED = (
    "Write one question that the text below answers, as somebody would ask it who has not read the text, and a short "
    "answer in words of the text. Name what the question is about; do not say 'the text', 'this' or 'the passage'. "
    'Reply with JSON: {{"question": "...", "answer": "..."}}\n\nText:\n{text}'
)
_ABOUT_ITSELF = frozenset({"text", "passage", "document", "paragraph", "above", "following", "article", "author"})
_GUARD = StreamGuard(limit=4)


def write_questions(
    passages: Iterable[tuple[Chunk, Document]],
    model: ChatModel,
    count: int,
    *,
    collection: str,
    report: Callable[[int, int], None],
) -> tuple[Question, ...]:
    """At most ``count`` questions, each from another passage; ``report`` hears (questions written, count).

    What the model fails at is left out. Raises `ProviderError` where the model is not there.
    """
    kept: list[Question] = []
    for chunk, document in passages:
        if len(kept) == count:
            break
        report(len(kept), count)
        text = _one(model, chunk, document)
        if text and not any(_alike(text, other.text) for other in kept):
            kept.append(Question(chunk.id, text, (chunk.id,), group=document.id, collection=collection))
    return tuple(kept)


def acceptable(question: str, answer: str, passage: Passage) -> bool:
    """Whether ``question`` can be asked without the passage at hand, and the passage bears out the answer.

    It ends as a question, has a usual length, does not point at the text, takes no number from elsewhere, and shares
    `OF_PASSAGE` of its words with the passage, which holds the answer's numbers and most of its words.
    """
    words = question.split()
    if not SHORTEST <= len(words) <= LONGEST or not question.endswith("?"):
        return False
    if {word.strip("?.,'\"").casefold() for word in words} & _ABOUT_ITSELF:
        return False
    if not numbers(question) <= set(terms(passage.text)) or coverage(question, passage.text) < OF_PASSAGE:
        return False
    checked = check(answer, Grounds([passage], question=question))
    return bool(checked) and all(sentence.verdict == "supported" for sentence in checked)


def _one(model: ChatModel, chunk: Chunk, document: Document) -> str:
    """A question that passed, else nothing."""
    text = chunk.text[:READ]
    messages = [Message("user", ASKED.format(text=text))]
    try:
        reply = _reply(model, messages)
        found = json.loads(reply)
        question, answer = str(found["question"]), str(found["answer"])
    except (BadReply, DeadlineExceeded, ValueError, KeyError, TypeError):
        return ""
    question = " ".join(question.split())
    place = where(chunk.place, chunk.page)
    passage = Passage(1, document, chunk.page, 0, len(text), text, (chunk.id,), 0.0, chunk.heading, place)
    return question if acceptable(question, answer, passage) else ""


def _reply(model: ChatModel, messages: Sequence[Message]) -> str:
    window = model.info().context_window
    stream = model.stream(messages, options=GenerationOptions(window, max_tokens=TOKENS), schema=SCHEMA)
    return "".join(delta.text for delta in _GUARD.watch(stream, Deadline.after(SECONDS)))


def _alike(one: str, other: str) -> bool:
    first, second = set(terms(one)), set(terms(other))
    return len(first & second) >= SAME * len(first | second)
