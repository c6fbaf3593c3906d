"""Files of the one folder that the user chose."""

from __future__ import annotations

from typing import Annotated

from basicchat.toolbox import InvalidInput, Text, Toolkit, UnreadableDocument, tool

MOST_BYTES = 200_000


@tool(permissions=["read"], version="1", tainted=True)
def files(
    toolkit: Toolkit,
    path: Annotated[
        str, "A text file to read or a folder to list, relative to the chosen folder; empty lists it."
    ] = "",
) -> Text:
    """List or read the text files of the folder that the user chose for this. Nothing outside it can be reached."""
    if not path.strip() or path.endswith("/"):
        names = toolkit.files.entries(path)
        return Text("\n".join(names) or "The folder is empty.")
    data = toolkit.files.read(path, limit=MOST_BYTES + 1)
    if b"\0" in data[:8000]:
        raise UnreadableDocument(f"{path} is not a text file.", hint="Add it to the library and ask about it there.")
    text = data[:MOST_BYTES].decode("utf-8", "replace")
    return Text(text + (f"\n[the file is longer than {MOST_BYTES:,} bytes]" if len(data) > MOST_BYTES else ""))


@tool(permissions=["write"], version="1")
def write_file(
    toolkit: Toolkit,
    path: Annotated[str, "Where to write, relative to the chosen folder."],
    text: Annotated[str, "What to write."],
    replace: Annotated[bool, "Whether a file of that name is to be replaced."] = False,
) -> str:
    """Write a text file into the folder that the user chose for this. The user is asked first."""
    if not path.strip():
        raise InvalidInput("The file needs a name.")
    data = text.encode("utf-8", "replace")
    toolkit.files.write(path, data, replace=replace)
    return f"Wrote {len(data):,} bytes to {path}."
