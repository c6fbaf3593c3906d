"""Checking a library from its own passages: ask, answer, try other settings, judge the best of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from basicchat.core.errors import NotFound
from basicchat.core.protocols import ChatModel, Tell
from basicchat.core.types import Answer, Chunk, Document, Progress
from basicchat.evaluate import checkup, tune
from basicchat.evaluate.absent import absent_questions
from basicchat.evaluate.asking import Ask, run
from basicchat.evaluate.cases import EvaluationSet, Question
from basicchat.evaluate.checkup import Checkup
from basicchat.evaluate.own import KINDS, Made, make_questions, two_halves
from basicchat.evaluate.rows import Row
from basicchat.evaluate.tune import Candidate, Changes, Proposal, Tried
from basicchat.evaluate.written import write_questions

ANSWERED = 30
"""Questions that are answered too, spread over all."""
TRIES = 3
"""Passages that a model is shown for each question that is wanted."""

Ways = Callable[[Changes], Ask]
"""A way to search the library with changed settings; all ways of one check share what they have read."""


@dataclass(frozen=True)
class Passages:
    """What is asked about: passages, their documents by id, and every word that the collection holds."""

    collection: str
    chunks: Sequence[Chunk]
    documents: Mapping[str, Document]
    words: Collection[str]


@dataclass(frozen=True)
class Checked:
    """A check and a row for every question, asked with the settings as they are."""

    checkup: Checkup
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Check:
    """One check. ``model`` writes the questions where there is one; ``answer`` quotes without a model."""

    passages: Passages
    count: int
    ways: Ways
    answer: Callable[[Question], Answer]
    candidates: Sequence[Candidate]
    tell: Tell
    model: ChatModel | None = None

    def run(self) -> Checked:
        """Everything, in order. Raises `NotFound` where nothing can be asked, and what a search or an answer raises."""
        made = self._made
        if not made.questions:
            raise NotFound("There are no passages to ask about.", hint="Add documents first.")
        told = _Told(self.tell, self._most)
        now = self.ways({})
        now(made.questions[0])  # loads the models, beside the clock
        rows = self._rows(made.questions, now, told.stage("asking"))
        chosen, proposal = self._tuned(rows, told)
        answers = self._answered(told.stage("answering"))
        p50, p95 = checkup.times(rows)
        first, second = self._halves
        found = Checkup(
            collection=self.passages.collection,
            made_at=time.time(),
            documents=len(self.passages.documents),
            passages=made.passages,
            questions=len(rows),
            left_out=made.left_out,
            hits=checkup.hits(rows),
            kinds=checkup.kinds(rows, made),
            seconds_p50=round(p50, 4),
            seconds_p95=round(p95, 4),
            weak=checkup.weak(rows, made),
            answers=answers,
            choosing=len(first),
            reporting=len(second),
            tried=chosen,
            proposal=proposal,
            model=self.model.info().name if self.model else "",
            small=self._small,
        )
        return Checked(found, rows)

    @cached_property
    def _made(self) -> Made:
        """Questions, by a model where it is to write them."""
        collection = self.passages.collection
        plain = make_questions(self.passages.chunks, self.count, collection=collection, kinds=KINDS)
        if self.model is None or not plain.questions:
            return plain
        sure = make_questions(self.passages.chunks, self.count * TRIES, collection=collection)
        by_id = {chunk.id: chunk for chunk in self.passages.chunks}
        shown = [by_id[question.id] for question in sure.questions]
        written = write_questions(
            ((chunk, self.passages.documents[chunk.document_id]) for chunk in shown),
            self.model,
            self.count,
            collection=collection,
            report=lambda done, total: self.tell(Progress("writing questions", done, total, "questions")),
        )
        return replace(plain, questions=written, kinds={question.id: "asked" for question in written})

    @cached_property
    def _halves(self) -> tuple[tuple[Question, ...], tuple[Question, ...]]:
        return two_halves(self._made.questions, self.passages.chunks)

    @property
    def _small(self) -> bool:
        return min(map(len, self._halves)) < tune.LEAST

    @property
    def _most(self) -> int:
        """Questions that are asked at most, all ways together."""
        first, second = (0, 0) if self._small else map(len, self._halves)
        return len(self._made.questions) + len(self.candidates) * first + 2 * second + len(self._to_answer)

    @property
    def _to_answer(self) -> tuple[Question, ...]:
        collection = self.passages.collection
        spread = EvaluationSet("own", self._made.questions).limited(ANSWERED).questions
        return (*spread, *absent_questions(self.passages.words, collection=collection))

    def _rows(self, questions: Sequence[Question], ask: Ask, told: _Told) -> tuple[Row, ...]:
        asked = EvaluationSet("own", tuple(questions))
        return tuple(run(asked, ask, name=lambda hit: hit.chunk.id, report=lambda done, total: told.one()))

    def _tuned(self, rows: Sequence[Row], told: _Told) -> tuple[tuple[Tried, ...], Proposal | None]:
        """What was tried on the choosing half, and what is proposed by the other."""
        if self._small or not self.candidates:
            return (), None
        first, second = self._halves
        ids = {question.id for question in first}
        now = tune.tried(None, [row for row in rows if row.id in ids])
        trying = told.stage("trying other settings")
        found = [tune.tried(each, self._rows(first, self.ways(each.changes), trying)) for each in self.candidates]
        names = tune.finalists(now, found, asked=self.model is not None)
        before = [row for row in rows if row.id not in ids]
        by_name = {each.name: each for each in self.candidates}
        for candidate in (by_name[name] for name in names):
            after = self._rows(second, self.ways(candidate.changes), trying)
            if proposal := tune.judged(candidate, before, after):
                return (now, *found), proposal
        return (now, *found), None

    def _answered(self, told: _Told) -> checkup.Answered:
        by_id = {chunk.id: chunk for chunk in self.passages.chunks}
        given, absent = [], []
        for question in self._to_answer:
            answer = self.answer(question)
            if question.answerable:
                given.append((by_id[question.id], answer))
            else:
                absent.append(answer)
            told.one()
        return checkup.answered(given, absent)


class _Told:
    """Tells how many of all questions are asked, over every stage together."""

    def __init__(self, tell: Tell, total: int) -> None:
        self._tell = tell
        self._total = total
        self._done = 0
        self._stage = ""

    def stage(self, name: str) -> _Told:
        """From now on this is being done."""
        self._stage = name
        return self

    def one(self) -> None:
        """One question more."""
        self._done += 1
        self._tell(Progress(self._stage, min(self._done, self._total), self._total, "questions"))
