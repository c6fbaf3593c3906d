"""Mail: single messages (EML), mailboxes (MBOX) and pages that a browser saved as mail (MHTML)."""

from __future__ import annotations

import email
import mailbox
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path

from basicchat.adapters.load.encoding import decode, read_bytes
from basicchat.adapters.load.html import markup_of, read_html
from basicchat.adapters.load.markdown import headings_of
from basicchat.adapters.load.outline import Outline, stem_of
from basicchat.adapters.load.parts import pages_of
from basicchat.core.errors import UnreadableDocument
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import LoadedDocument, Page, Progress

MAIL = "message/rfc822"
MAILBOX = "application/mbox"
SAVED_PAGE = "multipart/related"
SHOWN_HEADERS = ("Subject", "From", "To", "Cc", "Date")
MAX_DEPTH = 50
"""Parts within parts of a message that are followed."""


class MailLoader:
    """Reads a message: who, to whom, when, about what, then what was written. Attached files are taken in too."""

    media_types = frozenset({MAIL})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document, a long one in parts. Raises `UnreadableDocument`."""
        message = email.message_from_bytes(read_bytes(path))
        if not message.keys():
            raise UnreadableDocument("This is not a message: it has no headers.")
        subject = header_of(message, "Subject")
        yield outline_of(message).document(MAIL, title=subject or stem_of(path, name), metadata=_facts(message))


class MailboxLoader:
    """Reads a mailbox: every message is a page of its own, called ``Message 3``."""

    media_types = frozenset({MAILBOX})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document. Raises `UnreadableDocument`."""
        try:
            with closing(mailbox.mbox(str(path), create=False)) as box:
                pages = tuple(_numbered(_messages(box, tell)))
        except (OSError, mailbox.Error) as error:
            raise UnreadableDocument("The mailbox cannot be opened.") from error
        if not pages:
            raise UnreadableDocument("The mailbox holds no messages.")
        yield LoadedDocument(stem_of(path, name), pages, MAILBOX)


class SavedPageLoader:
    """Reads MHTML: the words of a web page as a browser saved it."""

    media_types = frozenset({SAVED_PAGE})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document, a long one in parts. Raises `UnreadableDocument`."""
        message = email.message_from_bytes(read_bytes(path))
        read = [_read_part(part) for part in _leaves(message) if part.get_content_type() == "text/html"]
        text = "\n\n".join(text for _, text in read if text)
        if not text:
            raise UnreadableDocument("The saved page holds no text.")
        title = next((title for title, _ in read if title), "") or header_of(message, "Subject")
        headings = headings_of(text)
        yield LoadedDocument(title or stem_of(path, name), pages_of(text, headings), SAVED_PAGE)


def outline_of(message: Message) -> Outline:
    """The headers that matter and the text of a message. The subject is its heading."""
    fields = [(field, header_of(message, field)) for field in SHOWN_HEADERS]
    attached = [name for part in _leaves(message) if (name := _attached_as(part))]
    return written(fields, attached, body_of(message))


def written(fields: Sequence[tuple[str, str]], attached: Sequence[str], body: str) -> Outline:
    """A message as text: a line for each header that is there, the names of attachments, then what was written."""
    outline = Outline()
    for field, words in fields:
        if words and field == "Subject":
            outline.mark(1, words)
        if words:
            outline.line(f"{field}: {words}")
    if attached:
        outline.line(f"Attachments: {', '.join(attached)}")
    outline.block(body)
    return outline


def header_of(message: Message, field: str) -> str:
    """A header in one line with its encoded words decoded, as it is where they cannot be."""
    raw = str(message.get(field, "")).replace("\0", "")
    try:
        return " ".join(str(make_header(decode_header(raw))).split()) or " ".join(raw.split())
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return " ".join(raw.encode("utf-8", "replace").decode().split())


def body_of(message: Message) -> str:
    """What was written: the plain text, else the HTML turned into Markdown."""
    texts: dict[str, list[str]] = {"text/plain": [], "text/html": []}
    for part in _leaves(message):
        if part.get_content_type() in texts and not _attached_as(part):
            texts[part.get_content_type()].append(_read_part(part)[1].strip())
    plain, rich = ("\n\n".join(filter(None, parts)) for parts in texts.values())
    return plain or rich


def _read_part(part: Message) -> tuple[str, str]:
    """Title, of a page, and text."""
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return "", ""
    charset = str(part.get_content_charset() or "")
    try:
        if part.get_content_type() == "text/html":
            return read_html(markup_of(data, declared=charset))
        return "", decode(data, declared=charset)
    except UnreadableDocument:  # one broken part does not take the others with it
        return "", ""


def _leaves(message: Message, depth: int = 0) -> Iterator[Message]:
    """Parts that hold no parts; a forwarded message is one."""
    parts = message.get_payload() if message.is_multipart() else None
    if message.get_content_maintype() == "message" or not isinstance(parts, list) or depth > MAX_DEPTH:
        yield message
        return
    for part in parts:
        if isinstance(part, Message):
            yield from _leaves(part, depth + 1)


def _attached_as(part: Message) -> str:
    """The name of an attachment, empty for what is no attachment."""
    if part.get_content_maintype() == "message" and part.is_multipart():
        inner = part.get_payload(0)
        subject = header_of(inner, "Subject") if isinstance(inner, Message) else ""
        return subject or "message"
    name = part.get_filename()
    if not name and part.get_content_disposition() != "attachment":
        return ""
    if part.get_content_maintype() == "image" and part.get("Content-ID") and part.get_content_disposition() == "inline":
        return ""
    shown = Message()
    shown["name"] = str(name or "attachment").replace("\n", " ").replace("\r", " ")
    return header_of(shown, "name")


def _facts(message: Message) -> dict[str, str]:
    facts = {"from": header_of(message, "From"), "date": header_of(message, "Date")}
    return {name: words for name, words in facts.items() if words}


def _messages(box: mailbox.mbox, tell: Tell) -> Iterator[Page]:
    """Pages of every message, numbered anew in each."""
    keys = box.keys()
    for number, key in enumerate(keys, start=1):
        tell(Progress("reading", number, len(keys), "messages"))
        outline = outline_of(email.message_from_bytes(box.get_bytes(key)))
        pages = pages_of(outline.text, outline.headings)
        for page in pages:
            part = f", part {page.number}" if len(pages) > 1 else ""
            yield replace(page, label=f"Message {number}{part}")


def _numbered(pages: Iterator[Page]) -> Iterator[Page]:
    for number, page in enumerate(pages, start=1):
        yield replace(page, number=number)
