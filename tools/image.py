"""Reads the text in a picture of the chosen folder, or asks a model that sees about it."""

from __future__ import annotations

from typing import Annotated

from basicchat.toolbox import DependencyMissing, InvalidInput, Toolkit, tool

MOST_BYTES = 30_000_000
MOST_QUESTION = 1_000


@tool(permissions=["read"], cost="slow", version="2", tainted=True)
def image(
    toolkit: Toolkit,
    path: Annotated[str, "A picture (PNG, JPEG, ...) in the folder that the user chose for files."],
    question: Annotated[str, "What to say about what it shows; empty to read its text."] = "",
) -> str:
    """Read the text that a picture shows (a scan, a receipt, a screenshot), or answer a question about the picture."""
    data = toolkit.files.read(path, limit=MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise InvalidInput(f"{path} is larger than {MOST_BYTES:,} bytes.")
    if not question.strip():
        return read(toolkit, data)
    try:
        return toolkit.pictures.see(data, question.strip()[:MOST_QUESTION], seconds=toolkit.seconds())
    except DependencyMissing as error:
        return f"No model that sees is here ({error}). The text in the picture: {read(toolkit, data)}"


def read(toolkit: Toolkit, data: bytes) -> str:
    """Its text, or that there is none."""
    return toolkit.pictures.read(data) or "No text was recognised in the picture."
