"""BasicChat: a private assistant for your documents.

>>> import basicchat
>>> with basicchat.open(profile="fake") as assistant:  # doctest: +SKIP
...     assistant.ingest(["lease.pdf"])
...     print(assistant.ask("How long is the notice period?").text)
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from basicchat.service.assistant import Assistant

__all__ = ["open"]


def open(*, home: Path | str | None = None, profile: str | None = None) -> Assistant:
    """Open the assistant over the library in ``home``. Use it in a ``with``, or call its `close`.

    Raises `StoreLocked` while another process owns that library, and `InvalidInput` for settings that make no sense.
    """
    from basicchat import bootstrap
    from basicchat.settings import load

    return bootstrap.open_assistant(load(home=home, profile=profile), doing="Python program")
