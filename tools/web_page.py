"""Reads a page of the web."""

from __future__ import annotations

import json
from typing import Annotated

from basicchat.toolbox import InvalidInput, Source, Sources, Text, Toolkit, tool

MARKUP = frozenset({"text/html", "application/xhtml+xml"})


@tool(permissions=["network"], cost="seconds", version="1", tainted=True)
def web_page(
    toolkit: Toolkit,
    address: Annotated[str, "The address of the page, beginning with https:// or http://."],
) -> list[Text | Sources]:
    """Read a page of the public web as plain text."""
    page = toolkit.pages.get(address.strip(), seconds=toolkit.seconds())
    title, text = readable(page.text, page.address) if page.media_type in MARKUP else ("", page.text)
    if not text.strip():
        raise InvalidInput(f"There is no readable text at {page.address}.")
    return [Text(text), Sources((Source(title or page.address, address=page.address),))]


def readable(markup: str, address: str) -> tuple[str, str]:
    """The title and the readable text of a page: its article, without menus and advertisements."""
    import trafilatura

    found = trafilatura.extract(
        markup, url=address, output_format="json", with_metadata=True, include_comments=False, include_tables=True
    )
    if not found:
        return "", ""
    parts = json.loads(found)
    return str(parts.get("title") or ""), str(parts.get("text") or "")
