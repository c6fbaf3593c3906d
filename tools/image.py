"""Reads the text in a picture of the chosen folder."""

from __future__ import annotations

from typing import Annotated

from basicchat.toolbox import InvalidInput, Toolkit, tool

MOST_BYTES = 30_000_000


@tool(permissions=["read"], cost="seconds", version="1", tainted=True)
def image(
    toolkit: Toolkit,
    path: Annotated[str, "A picture (PNG, JPEG, ...) in the folder that the user chose for files."],
) -> str:
    """Read the text that a picture shows: a scan, a receipt, a screenshot."""
    data = toolkit.files.read(path, limit=MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise InvalidInput(f"{path} is larger than {MOST_BYTES:,} bytes.")
    return toolkit.pictures.read(data) or "No text was recognised in the picture."
