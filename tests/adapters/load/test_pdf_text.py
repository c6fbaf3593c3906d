from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from basicchat.adapters.load.pdf_text import normalise


def test_what_changes() -> None:
    assert normalise("\r\n one\xa0two\r\nthree\rfour\x00 ").text == "one two\nthree\nfour"
    assert normalise("of\ufb01ce, touch\ufffebased, soft\xadhyphen").text == "office, touch-based, softhyphen"


@given(st.text(st.sampled_from("ab \r\n\xa0\xad\ufffe\ufb01\ufb03\x00\u2028🙂"), max_size=120))
def test_every_letter_leads_back_to_where_it_stood(raw: str) -> None:
    page = normalise(raw)
    for offset, letter in enumerate(page.text):
        origin = page.raw_offset(offset)
        assert 0 <= origin < len(raw) + 2
        if letter in "ab🙂":
            assert raw[origin] == letter


@given(st.text(max_size=200))
def test_twice_is_once(raw: str) -> None:
    once = normalise(raw).text
    assert normalise(once).text == once
