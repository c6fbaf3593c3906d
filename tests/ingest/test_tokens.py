from __future__ import annotations

from basicchat.ingest.tokens import WORD_LENGTH, TokenCounter


def test_words_are_counted_once_and_passages_every_time() -> None:
    asked: list[str] = []

    def count(texts):
        asked.extend(texts)
        return [len(text) for text in texts]

    counter, passage = TokenCounter(count), "x" * (WORD_LENGTH + 1)
    for _ in range(2):
        assert counter(["a", "bb", "a", "", passage]) == [1, 2, 1, 0, len(passage)]
    assert sorted(asked) == ["", "a", "bb", passage, passage]
    assert counter([]) == []
