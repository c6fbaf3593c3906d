import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.ui.text import answer_markdown, plain, shorten


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Yes [1].", "Yes [1](#source-t-1)."),
        ("Yes [1][2].", "Yes [1](#source-t-1)[2](#source-t-2)."),
        ("Yes [1, 2].", "Yes [1](#source-t-1)[2](#source-t-2)."),
        ("No [7].", "No \\[7\\]."),
        ("`a[1]` is code", "`a[1]` is code"),
        ("```\na[1] ![x](http://evil.example)\n```", "```\na[1] ![x](http://evil.example)\n```"),
        ("costs $5 and $6", "costs \\$5 and \\$6"),
    ],
)
def test_citations_become_chips_and_only_they(said, shown):
    assert answer_markdown(said, key="t", numbers={1, 2}) == shown


@pytest.mark.parametrize(
    "attack",
    [
        "![x](http://evil.example/p.png)",
        "[press](http://evil.example)",
        "[press](javascript:alert(1))",
        "<http://evil.example>",
        "http://evil.example/a?b=c",
        "www.evil.example",
        "me@evil.example",
        "[press][1]\n\n[1]: http://evil.example",
        "![x][p]\n\n[p]: http://evil.example/p.png",
        "<img src=x onerror=alert(1)>",
        "<script>alert(1)</script>",
        ":red[text]",
        "[a](#source-t-9)",
    ],
)
def test_nothing_a_model_says_is_a_link_a_picture_or_html(attack):
    shown = answer_markdown(attack, key="t", numbers={1})
    outside = re.sub(r"`[^`]*`", "", shown).replace("[1](#source-t-1)", "")
    assert not re.search(r"(?<!\\)[\[<]", outside)
    assert not re.search(r"https?://|www\.|@", outside)


@given(st.text(alphabet="[]()!<>`~\n 1:/hwx.$\\#-", max_size=60))
def test_whatever_it_says_every_open_bracket_outside_code_is_a_chip(text):
    shown = answer_markdown(text, key="t", numbers={1})
    assert "](http" not in re.sub(r"`[^`]*`|(?s:```.*)|(?s:~~~.*)", "", shown)


def test_a_fence_left_open_while_streaming_is_code_to_the_end():
    assert answer_markdown("```python\nx[1]", key="t", numbers={1}).endswith("x[1]")


def test_plain_text_means_nothing():
    assert plain("*a* [b](c) <d>") == "\\*a\\* \\[b\\]\\(c\\) \\<d\\>"


def test_plain_text_loses_what_turns_writing_round():
    assert plain("a\u202eb\x00c\nd") == "abc d"


@given(st.text(max_size=200), st.integers(2, 80))
def test_shortened_text_is_one_line_of_at_most_that_length(text, length):
    short = shorten(text, length)
    assert len(short) <= length
    assert "\n" not in short
