"""A question is embedded once."""

from __future__ import annotations

import threading

import pytest

from basicchat.adapters.embed.remembering import RememberingEmbedder
from basicchat.testing.embedding import HashingEmbedder


class CountingEmbedder(HashingEmbedder):
    def __init__(self):
        super().__init__()
        self.asked = []

    def embed_query(self, text):
        self.asked.append(text)
        return super().embed_query(text)


@pytest.fixture
def inner():
    return CountingEmbedder()


def test_the_same_question_is_embedded_once(inner):
    embedder = RememberingEmbedder(inner)
    first, second = embedder.embed_query("Who?"), embedder.embed_query("Who?")
    assert list(first) == list(second) == list(HashingEmbedder().embed_query("Who?"))
    assert inner.asked == ["Who?"]


def test_those_not_asked_for_longest_are_forgotten(inner):
    embedder = RememberingEmbedder(inner, size=2)
    for question in ("a", "b", "a", "c", "a", "b"):
        embedder.embed_query(question)
    assert inner.asked == ["a", "b", "c", "b"]


def test_threads_side_by_side(inner):
    embedder = RememberingEmbedder(inner, size=3)
    questions = [f"question {number}" for number in range(6)]
    wanted = {question: list(HashingEmbedder().embed_query(question)) for question in questions}
    wrong = []

    def work():
        wrong.extend(each for each in questions * 20 if list(embedder.embed_query(each)) != wanted[each])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
