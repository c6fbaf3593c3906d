"""A page of a document: as a picture with the passage highlighted, or as text with the passage marked."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from basicchat.core.types import Box, Page, PageImage
from basicchat.ui.places import Place
from basicchat.ui.theme import ASSETS


@cache
def _component() -> ComponentRenderer:
    return st.components.v2.component(
        "basicchat_page",
        html='<div class="view"></div>',
        css=(ASSETS / "page_view.css").read_text(encoding="utf-8"),
        js=(ASSETS / "page_view.js").read_text(encoding="utf-8"),
    )


def picture(image: PageImage, place: Place, *, key: str) -> None:
    """Show the page as a picture with boxes over the passage, scrolled to the first."""
    data = {
        "kind": "picture",
        "id": _identity(place),
        "png": base64.b64encode(image.png).decode("ascii"),
        "width": image.width,
        "height": image.height,
        "alt": f"Page {place.page} of {place.title}",
        "boxes": [asdict(box) for box in image.boxes],
    }
    _component()(key=key, data=data)


@dataclass(frozen=True, slots=True)
class Outline:
    """A passage to draw on a page: the boxes of its lines, and what to call it."""

    id: str
    label: str
    boxes: tuple[Box, ...]
    chosen: bool = False


def passages(image: PageImage, outlines: Sequence[Outline], *, title: str, key: str) -> str | None:
    """Show the page as a picture with its passages outlined; the id of the one that was just pressed."""
    chosen = next((outline.id for outline in outlines if outline.chosen), "")
    data = {
        "kind": "picture",
        "id": f"{key}:{chosen}:{len(outlines)}",
        "png": base64.b64encode(image.png).decode("ascii"),
        "width": image.width,
        "height": image.height,
        "alt": title,
        "passages": [
            {
                "id": outline.id,
                "label": outline.label,
                "chosen": outline.chosen,
                "boxes": [asdict(box) for box in outline.boxes],
            }
            for outline in outlines
        ],
    }
    result: Any = _component()(key=key, data=data, on_chosen_change=lambda: None)
    return str(result.chosen) if getattr(result, "chosen", None) else None


def text(page: Page, place: Place, *, key: str) -> None:
    """Show the page as text with the passage marked, scrolled to it."""
    start, end = max(place.start, 0), min(place.end, len(page.text))
    data = {
        "kind": "text",
        "id": _identity(place),
        "before": page.text[:start],
        "marked": page.text[start:end],
        "after": page.text[max(start, end) :],
    }
    _component()(key=key, data=data)


def _identity(place: Place) -> str:
    return f"{place.document_id}:{place.page}:{place.start}:{place.end}"
