"""What models are told is versioned: changing the words changes the version, and this test."""

from __future__ import annotations

import hashlib

from basicchat.reason.prompts import chat, direct

from .conftest import passage


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def test_the_words_of_the_direct_prompt_belong_to_its_version() -> None:
    shown = "".join(question + answer for question, answer in direct.example())
    words = direct.SYSTEM + shown + direct.user("Q?", [passage(1, "Text.")])
    assert (direct.VERSION, digest(words)) == ("direct-1", "2c61f5a3e945")


def test_the_words_of_the_chat_prompt_belong_to_its_version() -> None:
    assert (chat.VERSION, digest(chat.SYSTEM)) == ("chat-1", "5fabfa7a511c")


def test_a_passage_says_where_it_is_from() -> None:
    block = direct.passage_block(passage(3, "Some text.", page=7))
    assert block == '<passage number="3" from="The report, page 7">\nSome text.\n</passage>'
    assert direct.NOT_IN_PASSAGES in direct.SYSTEM
