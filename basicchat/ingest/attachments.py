"""The files that are attached to mail."""

from __future__ import annotations

import email
import mailbox
import mimetypes
import re
import struct
from collections.abc import Iterator
from contextlib import closing
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path

from basicchat.core.errors import UnreadableDocument
from basicchat.ingest.formats import MAIL, MBOX, OUTLOOK

File = tuple[str, bytes]
"""A name, safe to show, and what is in the file."""

_BODIES = frozenset({"text/plain", "text/html", "text/enriched", "text/calendar"})
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f/\\\u2028\u2029]+")
_WRONG_OUTLOOK = (OSError, ValueError, KeyError, IndexError, AttributeError, TypeError, AssertionError, struct.error)


def attachments(path: Path, kind: str | None) -> Iterator[File]:
    """The files attached to a mail or to the mails of a mailbox; none in other files. Raises `UnreadableDocument`.

    A forwarded message is a file too. Pictures that only decorate the text are left out.
    """
    if kind == MAIL:
        with path.open("rb") as file:
            yield from _of_message(email.message_from_binary_file(file))
    elif kind == MBOX:
        with closing(mailbox.mbox(str(path), create=False)) as box:
            for number, key in enumerate(box.iterkeys(), start=1):
                for name, data in _of_message(email.message_from_bytes(box.get_bytes(key))):
                    yield f"Message {number}/{name}", data
    elif kind == OUTLOOK:
        yield from _of_outlook(path)


def _of_message(message: Message) -> Iterator[File]:
    for number, part in enumerate(_attached(message), start=1):
        kind = part.get_content_type()
        if kind == "message/rfc822":
            inner = part.get_payload(0) if part.is_multipart() else None
            if isinstance(inner, Message):
                yield file_name(_words(inner.get("Subject", "")) or f"message {number}") + ".eml", inner.as_bytes()
            continue
        data = part.get_payload(decode=True)
        if isinstance(data, bytes) and data:
            name = _words(part.get_filename() or "")
            yield file_name(name or f"attachment {number}{mimetypes.guess_extension(kind) or ''}"), data


def _attached(message: Message) -> Iterator[Message]:
    """Parts that are files, outermost first; what is inside a forwarded message is its own affair."""
    if message.get_content_maintype() == "multipart" and message.is_multipart():
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _attached(part) if part.get_content_maintype() == "multipart" else filter(_is_file, [part])


def _is_file(part: Message) -> bool:
    disposition = part.get_content_disposition()
    if disposition == "attachment":
        return True
    if part.get_content_maintype() == "image" and part.get("Content-ID"):
        return False
    return bool(part.get_filename()) or part.get_content_type() not in _BODIES


def _words(header: object) -> str:
    """A header with its encoded words decoded; as it is where they cannot be."""
    try:
        return " ".join(str(make_header(decode_header(str(header)))).split())
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return " ".join(str(header).split())


def file_name(name: str) -> str:
    """A name without separators and control characters."""
    return _NOT_IN_NAMES.sub(" ", name).strip(" .")[-120:] or "attachment"


def _of_outlook(path: Path) -> Iterator[File]:
    from oxmsg import Message as OutlookMessage

    try:
        found = [(each.file_name, each.file_bytes) for each in OutlookMessage.load(str(path)).attachments]
    except _WRONG_OUTLOOK as error:
        raise UnreadableDocument("The message is damaged.") from error
    for number, (name, data) in enumerate(found, start=1):
        if data:
            yield file_name(name or f"attachment {number}"), data
