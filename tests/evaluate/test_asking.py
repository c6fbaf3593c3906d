"""Taking sets in and asking, with hits made here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from basicchat.core.errors import BasicChatError
from basicchat.core.events import Event, Failed, Finished, Retrieved
from basicchat.core.types import Answer, Chunk, Document, Hit, Message
from basicchat.evaluate.asking import answering, confidence, lay_out, names_of, page_name, run, searching, source_name
from basicchat.evaluate.cases import EvaluationSet, Question, Source

PLAIN = Question("1", "How long?", gold=("b",), answers=(("twelve",),))
LEANING = Question("2", "And then?", history=(Message("user", "How long?"),))


def hit(name: str, page: int = 1, *, source: str = "", logit: float | None = None) -> Hit:
    document = Document(name, "default", source or name, name, "text/plain", name, 1, 1, 0.0)
    scores = {} if logit is None else {"rerank": logit}
    return Hit(Chunk(f"{name}-{page}", name, 0, page, 0, 4, "text"), document, 1.0, scores)


def stream(question: Question) -> Iterator[Event]:
    yield Retrieved((question.text,), (hit("a"), hit("b")), 0.1)
    yield Finished(Answer("Twelve hours.", abstained=False, mode="extractive", model=None))


def failing(question: Question) -> Iterator[Event]:
    yield Failed("provider-unavailable", "The server is away.", "Start it.")


def test_collections_become_files(tmp_path: Path) -> None:
    texts = (Source("1", "one", "T"), Source("2", "zwei", collection="c"), Source("3", "three"))
    laid = list(lay_out(EvaluationSet("k", (PLAIN,), texts), tmp_path))
    assert [collection for _, collection in laid] == ["default", "c"]
    lines = laid[0][0].read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        {"_id": "1", "title": "T", "text": "one"},
        {"_id": "3", "title": "", "text": "three"},
    ]


def test_sources_as_files_and_files_of_the_set(tmp_path: Path) -> None:
    ((folder, _),) = lay_out(EvaluationSet("k", (PLAIN,), (Source("1", "# One"),), as_files=True), tmp_path)
    assert [file.name for file in folder.iterdir()] == ["1.md"]
    file = tmp_path / "a.pdf"
    assert list(lay_out(EvaluationSet("k", (PLAIN,), files=(file,)), tmp_path)) == [(file, "default")]


def test_a_search_asks_for_no_answer_and_history_goes_the_way_of_answers() -> None:
    ask = searching(lambda question: [hit("b")], stream)
    assert [each.document.id for each in ask(PLAIN).hits] == ["b"]
    assert [each.document.id for each in ask(LEANING).hits] == ["a", "b"]
    assert ask(LEANING).answer is None
    with pytest.raises(BasicChatError, match="away"):
        searching(lambda question: [], failing)(LEANING)
    talk = searching(lambda question: [], lambda question: iter(list(stream(question))[1:]))
    assert talk(LEANING).hits == ()


def test_rows_of_answers() -> None:
    heard: list[tuple[int, int]] = []
    evaluation = EvaluationSet("k", (PLAIN, LEANING))
    first, _ = run(evaluation, answering(stream), report=lambda done, total: heard.append((done, total)))
    assert (first.id, first.ranking, first.answer, first.refused) == ("1", ("a", "b"), "Twelve hours.", False)
    assert first.ranks == (2,)
    assert heard == [(1, 2), (2, 2)]


def test_an_answer_that_fails_ends_the_run() -> None:
    with pytest.raises(BasicChatError, match="away") as caught:
        list(run(EvaluationSet("k", (PLAIN,)), answering(failing)))
    assert "while asking 1" in caught.value.__notes__


def test_names_are_those_that_gold_uses() -> None:
    hits = [hit("x", 3, source="/d/ACME.pdf"), hit("x", 3, source="/d/ACME.pdf"), hit("x", 1, source="/d/ACME.pdf")]
    assert names_of(hits, source_name) == ("ACME",)
    assert names_of(hits, page_name) == ("ACME#page=3", "ACME#page=1")


def test_confidence_is_the_logistic_of_the_best_logit() -> None:
    assert confidence([hit("a", logit=0.0), hit("b", logit=-4.0), hit("c")]) == 0.5
    assert confidence([hit("a", logit=1e6)]) == pytest.approx(1)
    assert confidence([hit("a")]) is None
