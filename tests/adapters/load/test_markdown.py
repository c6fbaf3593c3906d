from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from basicchat.adapters.load.markdown import headings_of, plain


def heads(text: str) -> list[tuple[int, str]]:
    found = headings_of(text)
    for heading in found:
        line = text[heading.start :].split("\n", 1)[0]
        assert heading.text.split()[0] in plain(line)
    return [(heading.level, heading.text) for heading in found]


def test_both_forms() -> None:
    text = "Title\n=====\n\n# One\ntext\n## Two ##\n\nThree\n---\n###### Six\n####### seven"
    assert heads(text) == [(1, "Title"), (1, "One"), (2, "Two"), (2, "Three"), (6, "Six")]


def test_code_is_no_heading() -> None:
    assert heads("```sh\n# comment\n```\n# Real\n~~~~\n# no\n~~~\n~~~~\n# Also") == [(1, "Real"), (1, "Also")]


def test_inline_markup_is_dropped() -> None:
    assert heads("# The **bold** [link](http://x) `code`") == [(1, "The bold link code")]


def test_rules_and_tables_are_no_headings() -> None:
    assert heads("\n---\n\n| a | b |\n---\n- item\n---\n#hashtag\n#") == []


@given(st.text(st.sampled_from("#=-`~ a\n\r|*\x0c\u2028"), max_size=200))
def test_offsets_are_in_order_and_inside(text: str) -> None:
    starts = [heading.start for heading in headings_of(text)]
    assert starts == sorted(starts)
    assert all(0 <= start < len(text) for start in starts)
