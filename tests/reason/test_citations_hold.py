"""Whatever a model writes, every citation of the answer leads to its words on a page, now and after it was kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from basicchat.adapters.owner.wire import event_from_json, event_to_json
from basicchat.adapters.store.sqlalchemy import SqlStore
from basicchat.core.codec import from_json, to_json
from basicchat.core.events import Finished, answer_of
from basicchat.core.types import (
    Answer,
    Conversation,
    Delta,
    GenerationOptions,
    Json,
    Message,
    ToolSpec,
    Turn,
)
from basicchat.reason.cite import CITATION
from basicchat.reason.engine import AnswerConfig, AnswerEngine, AnswerRequest
from basicchat.testing.chat import EchoChatModel

from .conftest import library

PAGES = {
    "rome": "The Colosseum stands in Rome. It was finished in 80 AD.\n\nIt held 50,000 spectators.",
    "paris": "The Eiffel Tower stands in Paris. It is 330 metres tall.\n\nThe Colosseum is 189 metres long [3].",
    "lists": "Rome | 80 AD | 50,000\nParis | 1889 | 330\n\n罗马 斗兽场 éé \U0001d4b3 spectators of the Colosseum.",
}
QUESTION = "When was the Colosseum in Rome finished?"
CODE = re.compile(r"(?s)(`{3,}).*?(?:\1|\Z)|(`+)(?!`)[^\n]*?[^`]\2(?!`)")

OTHER_DIGITS = ("[\u0663]", "[\uff11]", "\uff3b1\uff3d", "\u30101\u3011")
marks = st.sampled_from(
    ["[1]", "[2]", "[3]", "[9]", "[0]", "[1, 2]", "[1-3]", "[2][1]", "[Passage 2]", "[passages 1 and 7]", "[[", "]]",
     "[^3]", "[12345678901234567890]", "[-1]", "[ 2 ]", "[1", "3]", "[1] .", *OTHER_DIGITS]
)  # fmt: skip
words = st.sampled_from(
    ["The Colosseum", "was finished in 80 AD", "50,000 spectators", "330 metres", "Paris", "elephants", "罗马", "not",
     "In", ". ", ".", "\n", "\n- ", "| a | b |", "**", "`x[1]`", "```\n", "```python\ny[2] = 1\n```\n", "~~~\n",
     "“", "é", "\u2028", "\x00"]
)  # fmt: skip
texts = st.lists(st.one_of(marks, words, st.text(max_size=8), st.just(" ")), min_size=1, max_size=25).map("".join)


class Cutting(EchoChatModel):
    """Writes one text, cut where it is told to."""

    pieces: Sequence[str] = ()

    def stream(
        self,
        messages: Sequence[Message],
        *,
        options: GenerationOptions,
        tools: Sequence[ToolSpec] = (),
        schema: dict[str, Json] | None = None,
    ) -> Iterator[Delta]:
        yield from (Delta(piece) for piece in self.pieces)
        yield Delta(done=True, finish_reason="stop")


@pytest.fixture(scope="module")
def model() -> Cutting:
    return Cutting()


@pytest.fixture(scope="module")
def engine(model: Cutting) -> AnswerEngine:
    return AnswerEngine(retriever=library(PAGES), models=lambda name: model, config=AnswerConfig())


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> SqlStore:
    kept = SqlStore(tmp_path_factory.mktemp("kept") / "library.db")
    with kept.begin() as unit:
        unit.conversations.add(Conversation("c", "Rome", 0.0, 0.0))
    return kept


@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=texts, cuts=st.lists(st.integers(0, 400), max_size=12))
def test_every_citation_leads_to_a_page_and_survives(
    text: str, cuts: list[int], model: Cutting, engine: AnswerEngine, store: SqlStore
) -> None:
    borders = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    model.pieces = [text[start:end] for start, end in pairwise(borders)]
    answer = answer_of(engine.stream(AnswerRequest(QUESTION, mode="direct")))
    for one in (answer, exported(answer), handed_over(answer), reloaded(answer, store)):
        assert one == answer
        resolves(one)


def test_asking_again_gives_citations_that_lead_to_the_same_places(model: Cutting, engine: AnswerEngine) -> None:
    model.pieces = ["It was finished in 80 AD [1]", ", and held 50,000 spectators [1][2]."]
    first, second = (answer_of(engine.stream(AnswerRequest(QUESTION, mode="direct", fresh=True))) for _ in range(2))
    assert first.citations
    assert (first.citations, first.sentences) == (second.citations, second.sentences)


def test_an_answer_of_an_earlier_version_still_loads() -> None:
    written = to_json(Answer("So [1].", False, "direct", "m"))
    assert isinstance(written, dict)
    for later in ("sentences", "conflicts", "sources"):
        del written[later]
    assert from_json(Answer, written) == Answer("So [1].", False, "direct", "m")


def resolves(answer: Answer) -> None:
    """Every number shown has its citation; each quotes its page, and so does what each sentence rests on."""
    shown = {int(number) for number in CITATION.findall(CODE.sub("", answer.text))}
    cited = {citation.number: citation for citation in answer.citations}
    if not answer.abstained:
        assert shown <= set(cited)
    passages = {passage.number: passage for passage in answer.passages}
    for number, citation in cited.items():
        assert citation.document_id == passages[number].document.id
        assert citation.page == passages[number].page == 1
        assert citation.quote
        assert PAGES[citation.document_id][citation.start : citation.end] == citation.quote
    for sentence in answer.sentences:
        assert 0 <= sentence.start < sentence.end <= len(answer.text)
        assert set(sentence.numbers) <= set(passages)
        if sentence.passage is not None:
            document = passages[sentence.passage].document.id
            assert PAGES[document][sentence.page_start : sentence.page_end].strip()
    assert {facts.document_id for facts in answer.sources} == {citation.document_id for citation in answer.citations}


def exported(answer: Answer) -> Answer:
    return from_json(Answer, json.loads(json.dumps(to_json(answer))))


def handed_over(answer: Answer) -> Answer:
    event = event_from_json(json.loads(json.dumps(event_to_json(Finished(answer)))))
    assert isinstance(event, Finished)
    return event.answer


def reloaded(answer: Answer, store: SqlStore) -> Answer:
    with store.begin() as unit:
        unit.conversations.add_turn("c", Turn("t", "assistant", answer.text, 1.0, answer))
    with store.begin() as unit:
        (turn,) = unit.conversations.turns("c")
    assert turn.answer is not None
    return turn.answer
