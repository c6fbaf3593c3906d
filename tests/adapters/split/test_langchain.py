from __future__ import annotations

from basicchat.adapters.split.langchain import RecursiveSplitter
from basicchat.core.types import ChunkSize
from basicchat.testing.contracts.splitter import words


def split(text: str, size: ChunkSize) -> list[str]:
    return [text[start:end] for start, end in RecursiveSplitter().split(text, size=size, count=words)]


def test_a_passage_stands_where_it_was_cut_not_where_its_words_come_again() -> None:
    clause = "The tenant pays the rent on the first working day of each month without being asked."
    other = "Pets are kept with consent."
    text = "\n\n".join([other, clause, clause, other, clause])
    spans = RecursiveSplitter().split(text, size=ChunkSize(18, 4, 30), count=words)
    assert [text[start:end] for start, end in spans] == [other, clause, clause, other, clause]
    assert [start for start, _ in spans] == sorted({start for start, _ in spans})


def test_paragraphs_are_joined_up_to_the_target() -> None:
    text = "One two.\n\nThree four.\n\nFive six seven eight nine ten."
    assert split(text, ChunkSize(8, 0, 20)) == ["One two.\n\nThree four.", "Five six seven eight nine ten."]


def test_an_overlap_greater_than_the_passage_is_cut_down() -> None:
    text = " ".join(f"word{number}" for number in range(50))
    assert len(split(text, ChunkSize(10, 100, 10))) < 50
