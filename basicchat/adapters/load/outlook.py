"""Messages that Outlook saved (MSG), through python-oxmsg."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from basicchat.adapters.load.html import read_html
from basicchat.adapters.load.mail import written
from basicchat.adapters.load.outline import stem_of
from basicchat.core.errors import UnreadableDocument
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import LoadedDocument

if TYPE_CHECKING:
    from oxmsg import Message

MEDIA_TYPE = "application/vnd.ms-outlook"
_DAMAGED = (OSError, ValueError, KeyError, IndexError, AttributeError, TypeError, AssertionError, struct.error)


class OutlookLoader:
    """Reads MSG: who, to whom, when, about what, then what was written. Attached files are taken in too."""

    media_types = frozenset({MEDIA_TYPE})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document, a long one in parts. Raises `UnreadableDocument`."""
        from oxmsg import Message

        try:
            message = Message.load(str(path))
            subject, fields, body = _line(message.subject), _fields(message), _body(message)
            attached = [_line(each.file_name) or "attachment" for each in message.attachments]
        except UnreadableDocument:
            raise
        except _DAMAGED as error:
            raise UnreadableDocument("The Outlook message is damaged.") from error
        warnings = () if body else ("The message has no text, or only in a form that is not read (RTF).",)
        outline = written(fields, attached, body)
        facts = {field.lower(): words for field, words in fields if field in {"From", "Date"} and words}
        yield outline.document(MEDIA_TYPE, title=subject or stem_of(path, name), metadata=facts, warnings=warnings)


def _fields(message: Message) -> list[tuple[str, str]]:
    recipients = [f"{each.name} <{each.email_address}>".strip() for each in message.recipients]
    sent = message.sent_date
    return [
        ("Subject", _line(message.subject)),
        ("From", _line(message.sender)),
        ("To", _line(", ".join(recipients))),
        ("Date", sent.strftime("%a, %d %b %Y %H:%M %z").strip() if sent else ""),
    ]


def _body(message: Message) -> str:
    plain = _plain(message.body)
    if plain.strip() or not message.html_body:
        return plain
    return read_html(_plain(message.html_body))[1]


def _plain(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def _line(text: str | None) -> str:
    return " ".join((text or "").replace("\0", "").split())
