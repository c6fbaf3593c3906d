"""Earlier answers: what they depend on, how they are found, and what becomes of them."""

from __future__ import annotations

import threading
from contextlib import closing
from dataclasses import fields, replace

import numpy as np
import pytest

from basicchat.adapters.cache.sqlite import SqliteCache
from basicchat.core.types import Answer, Citation
from basicchat.service import earlier
from basicchat.service.earlier import Circumstances, EarlierAnswers, Kept, KeptAnswers
from basicchat.testing.cache import MemoryCache
from basicchat.testing.embedding import HashingEmbedder

HERE = Circumstances(
    user="owner",
    collection="default",
    document_ids=("a", "b"),
    stamp="s1",
    embedder="first hashing@1",
    model="small",
    weights="fake sha256:1 100 8192",
    mode="direct",
    settings="0.1.0",
)
OTHERWISE = {"document_ids": ("a",)}
QUESTION, OTHER_WORDS = "When was the lighthouse built?", "when was lighthouse built"
ANSWER = Answer("In 1887 [1].", False, "direct", "small", (Citation(1, "a", "a.md", "A", 1, 0, 9, "In 1887."),))


class CountingEmbedder(HashingEmbedder):
    """Counts the questions it embedded."""

    asked = 0

    def embed_query(self, text):
        self.asked += 1
        return super().embed_query(text)


@pytest.fixture
def embedder():
    return CountingEmbedder()


@pytest.fixture
def cache():
    return MemoryCache()


@pytest.fixture
def answers(cache):
    return EarlierAnswers(cache)


def keep(answers, question=QUESTION, circumstances=HERE, text="In 1887 [1]."):
    kept = Kept(question, 12.5, replace(ANSWER, text=text), 1, 1)
    answers.keep(circumstances, kept, HashingEmbedder().embed_query(question))
    return kept


@pytest.mark.parametrize("part", [field.name for field in fields(Circumstances)])
def test_every_part_of_the_circumstances_changes_the_key(part, answers, embedder):
    changed = replace(HERE, **{part: OTHERWISE.get(part, "another")})
    assert changed.digest != HERE.digest
    assert changed.key(QUESTION) != HERE.key(QUESTION)
    keep(answers)
    assert answers.same(changed, QUESTION) is None
    assert answers.near(changed, OTHER_WORDS, embedder.embed_query) is None


def test_parts_cannot_run_into_each_other():
    assert replace(HERE, user="ab", collection="c").digest != replace(HERE, user="a", collection="bc").digest
    assert replace(HERE, document_ids=("ab",)).digest != replace(HERE, document_ids=("a", "b")).digest


def test_the_same_question_gets_the_answer_as_it_was(answers):
    kept = keep(answers)
    assert answers.same(HERE, QUESTION) == kept
    assert answers.same(HERE, "  when was THE lighthouse built") == kept
    assert answers.same(HERE, OTHER_WORDS) is None


def test_other_words_with_the_same_meaning_get_it_too(answers, embedder):
    kept = keep(answers)
    assert answers.near(HERE, OTHER_WORDS, embedder.embed_query) == kept
    assert answers.near(HERE, "When was the lighthouse destroyed?", embedder.embed_query) is None


def test_words_alone_do_not_suffice(answers, embedder):
    keep(answers)
    far = [-value for value in embedder.embed_query(QUESTION)]
    assert answers.near(HERE, OTHER_WORDS, lambda _: far) is None


def test_vectors_of_another_length_are_no_match(answers):
    keep(answers)
    assert answers.near(HERE, OTHER_WORDS, HashingEmbedder(dimension=32).embed_query) is None


def test_nothing_is_embedded_where_nothing_can_be_compared(answers, embedder):
    assert answers.near(HERE, QUESTION, embedder.embed_query) is None
    assert embedder.asked == 0


def test_the_last_answer_counts(answers, embedder):
    keep(answers, text="old [1]")
    kept = keep(answers, text="new [1]")
    assert answers.near(HERE, OTHER_WORDS, embedder.embed_query) == kept
    assert answers.count()[0] == 1


def test_dropping_takes_what_the_question_would_get(answers, embedder):
    keep(answers)
    keep(answers, "Who built the lighthouse?")
    answers.drop(HERE, OTHER_WORDS, embedder.embed_query)
    assert answers.same(HERE, QUESTION) is None
    assert answers.near(HERE, OTHER_WORDS, embedder.embed_query) is None
    assert answers.count()[0] == 1


def test_a_new_stamp_forgets_the_collection_and_no_other(answers, cache):
    elsewhere = replace(HERE, collection="other")
    for collection in ("default", "other"):
        answers.see(collection, "s1")
    keep(answers)
    keep(answers, circumstances=elsewhere)
    answers.see("default", "s1")
    assert answers.count()[0] == 2
    answers.see("default", "s2")
    assert answers.same(HERE, QUESTION) is None
    assert answers.same(elsewhere, QUESTION) is not None


def test_the_stamp_is_remembered_by_the_next_process(cache):
    first = EarlierAnswers(cache)
    first.see("default", "s1")
    keep(first)
    EarlierAnswers(cache).see("default", "s1")
    assert first.count()[0] == 1
    EarlierAnswers(cache).see("default", "s2")
    assert first.count()[0] == 0


def test_the_next_process_reads_questions_with_their_vectors(tmp_path, embedder):
    file = tmp_path / "answers.sqlite"
    with closing(SqliteCache(file, limit=10**6)) as cache:
        kept = keep(EarlierAnswers(cache))
    with closing(SqliteCache(file, limit=10**6)) as cache:
        assert EarlierAnswers(cache).near(HERE, OTHER_WORDS, embedder.embed_query) == kept


def test_what_another_version_wrote_is_no_answer(answers, cache, embedder):
    keep(answers)
    for key in cache.tagged(earlier.ALL):
        cache.set(key, b'{"question": 1}', tags=(earlier.ALL, f"questions:{HERE.digest}"))
    assert answers.same(HERE, QUESTION) is None
    assert EarlierAnswers(cache).near(HERE, OTHER_WORDS, embedder.embed_query) is None


def test_an_answer_that_went_for_lack_of_space_is_no_hit(embedder):
    answers = EarlierAnswers(MemoryCache(limit=6_000))
    questions = [f"When was house number {number} built?" for number in range(5)]
    for question in questions:
        keep(answers, question)
    found = [answers.same(HERE, question) for question in questions]
    assert found[0] is None
    assert answers.near(HERE, questions[0].replace("the ", ""), embedder.embed_query) is None
    assert found[-1] is not None


def test_only_the_last_sets_of_questions_are_held(answers, embedder):
    for number in range(earlier.SETS * 2):
        circumstances = replace(HERE, model=str(number))
        keep(answers, circumstances=circumstances)
        assert answers.near(circumstances, OTHER_WORDS, embedder.embed_query) is not None
    assert answers.near(replace(HERE, model="0"), OTHER_WORDS, embedder.embed_query) is not None


def test_threads_keep_find_and_forget_side_by_side(answers):
    problems = []

    def work(number: int) -> None:
        embedder = HashingEmbedder()
        try:
            for turn in range(20):
                question = f"When was house {number} on street {turn} built?"
                kept = keep(answers, question)
                found = answers.near(HERE, question.lower(), embedder.embed_query)
                assert found in (None, kept)
                if turn == 10 and number == 0:
                    answers.forget_collection("default")
        except Exception as error:  # noqa: BLE001 - told by the assertion below
            problems.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def test_the_doctor_tells_how_many_there_are_and_empties_them(answers):
    keep(answers)
    matter = KeptAnswers(answers)
    assert matter.find(deep=False).well.startswith("1 kept")
    matter.mend(deep=False)
    assert answers.count() == (0, 0)


def test_vectors_are_kept_to_the_bit(answers, cache):
    keep(answers)
    (row,) = [
        earlier._unpacked(earlier._Question, value) for value in cache.tagged(f"questions:{HERE.digest}").values()
    ]
    found = earlier._loaded(cache.tagged(f"questions:{HERE.digest}")).matrix
    assert row is not None
    assert np.array_equal(found[0], HashingEmbedder().embed_query(QUESTION))
