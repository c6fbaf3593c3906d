"""What to say where the documents do not."""

from __future__ import annotations

from basicchat.core.types import Document
from basicchat.reason.abstain import refusal

from .conftest import passage


def test_the_refusal_names_what_was_searched_and_the_nearest() -> None:
    other = Document("e", "default", "b.txt", "", "text/plain", "e", 1, 1, 0.0)
    text = refusal([passage(1, "x", page=4), passage(2, "y", document=other)], documents=2)
    assert "2 documents" in text
    assert "The report, page 4; b.txt, page 1" in text
    assert "found nothing" in refusal([], documents=1)
