"""A page of a document: as a picture with the passage highlighted, or as text with the passage marked."""

from __future__ import annotations

import base64
from functools import cache

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from basicchat.core.types import Page, PageImage
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
        "boxes": [{"left": box.left, "top": box.top, "right": box.right, "bottom": box.bottom} for box in image.boxes],
    }
    _component()(key=key, data=data)


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
