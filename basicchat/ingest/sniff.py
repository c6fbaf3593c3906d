"""Telling formats of text by how they begin."""

from __future__ import annotations

import json
import re
from pathlib import Path

from basicchat.ingest.formats import (
    CSV,
    HTML,
    JSON,
    MAIL,
    MBOX,
    MHTML,
    NOTEBOOK,
    RECORDS,
    SOURCE,
    SUBTITLES,
    TEX,
    TEXT,
    TEXTUAL,
    XML,
)

MAX_PARSED_BYTES = 32 * 2**20
"""A larger file is taken for JSON by how it begins, without being read."""

_HTML_STARTS = ("<!doctype html", "<html", "<head", "<body")
_HTML_FRAGMENT = re.compile(r"<(?:p|div|table|h[1-6]|ul|ol|dl|span|meta|title|link|style|script|main|pre|a)[\s>]")
_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,60}):[ \t]?(.*)")
_ENVELOPE = re.compile(r"From \S.{0,200}\d{4}\b.{0,20}$")
_CUE = re.compile(r"(?:\d+[ \t]*\n)?(?:\d+:)?\d\d:\d\d[,.]\d{3}[ \t]+-->[ \t]+(?:\d+:)?\d\d:\d\d[,.]\d{3}")
_TEX = re.compile(r"^[ \t]*\\document(?:class|style)\b", re.MULTILINE)
_JSON_START = re.compile(r'\{\s*["}]|\[\s*(?:["\[{\]\d-]|true|false|null)')
_XML_ROOT = re.compile(r"<[A-Za-z_][\w.:-]*(?:\s[^<>]*)?/?>")
_OF_MAIL = frozenset({"received", "message-id", "mime-version", "return-path", "delivered-to", "x-mailer"})
_ANYTHING_INSIDE = frozenset({SOURCE, TEX})
"""What may begin like any other format and is what its name says, web pages apart."""


def kind_of(path: Path, head: str, promised: str | None) -> str | None:
    """The media type of a text that shows in its first characters, None where its name has to tell."""
    start = head.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff \t\n")
    if _looks_like_html(start, promised):
        return HTML
    if promised in _ANYTHING_INSIDE:
        return None
    for told in (_markup, _subtitles, _mail, _tex):
        if (kind := told(start, promised)) is not None:
            return kind
    return _json(path, start, promised)


def _looks_like_html(start: str, promised: str | None) -> bool:
    lower = start[:4096].lower()
    if lower.startswith("<?xml"):
        # What is called XML and declares a document type is for the reader of XML to refuse.
        return "<html" in lower and not (promised == XML and "<!doctype" in lower)
    return lower.startswith(_HTML_STARTS) or (promised not in TEXTUAL and bool(_HTML_FRAGMENT.match(lower)))


def _markup(start: str, promised: str | None) -> str | None:
    if start.startswith("<?xml") or (promised in {None, XML, TEXT} and start.startswith("<!DOCTYPE")):
        return XML
    return XML if promised is None and _XML_ROOT.match(start) else None


def _subtitles(start: str, _: str | None) -> str | None:
    return SUBTITLES if re.match(r"WEBVTT(?:\s|$)", start) or _CUE.match(start) else None


def _tex(start: str, promised: str | None) -> str | None:
    return TEX if promised in {None, TEXT} and _TEX.search(start) else None


def _mail(start: str, promised: str | None) -> str | None:
    first, _, rest = start.partition("\n")
    if _ENVELOPE.match(first) and _headers(rest):
        return MBOX
    headers = _headers(start)
    kind = headers.get("content-type", "").lower()
    if kind.startswith("multipart/related") and (promised == MHTML or _is_saved_page(headers)):
        return MHTML
    if "from" in headers and (promised == MAIL or _OF_MAIL & headers.keys()):
        return MAIL
    return MAIL if len(_OF_MAIL & headers.keys()) > 1 else None


def _is_saved_page(headers: dict[str, str]) -> bool:
    saved = "snapshot-content-location" in headers or "saved by" in headers.get("from", "").lower()
    return saved or not headers.keys() & {"to", "received", "message-id", "return-path"}


def _headers(text: str) -> dict[str, str]:
    """The block of headers that a message begins with, names in lower case; empty if anything else comes before."""
    found: dict[str, str] = {}
    name = ""
    for line in text.split("\n"):
        if not line.strip():
            break
        if line[0] in " \t" and name:
            found[name] += " " + line.strip()
        elif match := _HEADER.fullmatch(line):
            name = match[1].lower()
            found.setdefault(name, match[2].strip())
        elif len(text) - text.find(line) > 200:  # not just the last line, cut by the end of the sample
            return {}
    return found


def _json(path: Path, start: str, promised: str | None) -> str | None:
    """JSON of some kind. A name that promises text is believed unless the whole file is JSON."""
    if not _JSON_START.match(start) or promised == CSV:
        return None
    if promised == RECORDS:
        return RECORDS
    lines = [line for line in start.split("\n")[:3] if line.strip()]
    if promised != NOTEBOOK and len(lines) > 1 and all(map(_is_object, lines[:2])):
        return RECORDS
    return _whole_json(path, start, promised)


def _is_object(line: str) -> bool:
    return isinstance(_parsed(line), dict)


def _whole_json(path: Path, start: str, promised: str | None) -> str | None:
    if path.stat().st_size > MAX_PARSED_BYTES:
        return JSON if promised in {None, JSON} else promised
    value = _parsed(path.read_bytes())
    if isinstance(value, dict) and isinstance(value.get("cells"), list) and "nbformat" in value:
        return NOTEBOOK
    return JSON if isinstance(value, dict | list) else None


def _parsed(data: str | bytes) -> object:
    try:
        value: object = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value
