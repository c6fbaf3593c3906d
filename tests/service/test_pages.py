"""Pages to look at: boxes of recognised text, and of text that the renderer finds."""

from basicchat.core.types import Box, Page, TextBox
from basicchat.service.pages import boxes_of

WORDS = "Net sales 41"


def page() -> Page:
    """Two words on one line and a number on the next."""
    return Page(
        1,
        WORDS,
        boxes=(
            TextBox(0, 3, Box(0.1, 0.1, 0.2, 0.12)),
            TextBox(4, 9, Box(0.22, 0.101, 0.3, 0.121)),
            TextBox(10, 12, Box(0.1, 0.2, 0.14, 0.22)),
        ),
    )


def test_words_of_one_line_share_a_box():
    assert boxes_of(page(), (0, 9)) == (Box(0.1, 0.1, 0.3, 0.121),)


def test_each_line_has_its_own_box():
    assert len(boxes_of(page(), (0, len(WORDS)))) == 2


def test_only_words_that_are_touched():
    assert boxes_of(page(), (10, 12)) == (Box(0.1, 0.2, 0.14, 0.22),)
    assert boxes_of(page(), (5, 5)) == ()
