"""What to say where the documents do not."""

from __future__ import annotations

from collections.abc import Sequence

from basicchat.core.place import where
from basicchat.core.types import Passage


def refusal(passages: Sequence[Passage], *, documents: int) -> str:
    """What to say instead of an answer: what was searched, and what came nearest."""
    searched = "1 document" if documents == 1 else f"{documents} documents"
    if not passages:
        return f"I searched {searched} and found nothing about this."
    nearest = dict.fromkeys(
        f"{passage.document.title or passage.document.source}, {where(passage.place, passage.page)}"
        for passage in passages[:3]
    )
    return f"I searched {searched}, and they do not seem to say. The nearest passages are in {'; '.join(nearest)}."
