"""Quotable pieces: sentences of wrapped text, rows of tables."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from basicchat.reason.sentences import LONGEST, sentences

FILING = """Net sales increased in fiscal 2019. The increase
was driven by Mr. Smith's U.S. stores, e.g. in Texas.
Total current assets 16,525 15,134
Inventories (Note 2) 5,622 5,261
Cash and equivalents $ 4,466 $ 4,249

• We closed 12 stores in the second quarter
• We opened one new distribution center
"""


def pieces(text: str) -> list[str]:
    return [text[piece.start : piece.end] for piece in sentences(text)]


def test_wrapped_lines_are_joined_and_rows_stand_alone() -> None:
    found = pieces(FILING)
    assert found[0] == "Net sales increased in fiscal 2019."
    assert found[1] == "The increase\nwas driven by Mr. Smith's U.S. stores, e.g. in Texas."
    assert "Total current assets 16,525 15,134" in found
    assert "Cash and equivalents $ 4,466 $ 4,249" in found


def test_items_of_a_list_stand_alone() -> None:
    assert "• We opened one new distribution center" in pieces(FILING)


def test_scraps_are_no_sentences() -> None:
    assert pieces("12\n\nPage 3\n\n--") == []


def test_long_running_text_is_cut_at_a_clause() -> None:
    found = pieces("a clause of some length, " * 60)
    assert len(found) > 1
    assert all(len(piece) <= LONGEST for piece in found)
    assert all(piece.endswith(",") for piece in found)


@given(st.text(alphabet=st.sampled_from("ab1 .,\n$|-A!?;"), max_size=900))
def test_pieces_are_slices_in_order_that_do_not_overlap(text: str) -> None:
    end = 0
    for piece in sentences(text):
        assert end <= piece.start < piece.end <= len(text)
        assert text[piece.start : piece.end] == text[piece.start : piece.end].strip()
        assert piece.end - piece.start <= LONGEST
        end = piece.end
