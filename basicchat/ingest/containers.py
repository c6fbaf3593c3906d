"""Telling what is inside the three great wrappings: zip, Microsoft's compound file, gzip."""

from __future__ import annotations

import gzip
import re
import struct
import zipfile
import zlib
from pathlib import Path

from basicchat.ingest.formats import (
    DOC,
    DOCX,
    EPUB,
    ODP,
    ODS,
    ODT,
    OUTLOOK,
    PPT,
    PPTX,
    RECORDS,
    XLS,
    XLSX,
    ZIP,
    ZIPPED,
    by_name,
)

MAX_TYPES_BYTES = 1 << 20
"""Bytes of a package's list of its parts, and of a ``mimetype`` member, that are looked at."""

_MAIN_PART = re.compile(
    rb"(wordprocessingml|ms-word|presentationml|ms-powerpoint|spreadsheetml|ms-excel)"
    rb"\.(?:document|template|presentation|slideshow|sheet)(?:\.macroEnabled)?\.main\+xml",
    re.IGNORECASE,
)
_OF_MAIN_PART = {
    b"wordprocessingml": DOCX,
    b"ms-word": DOCX,
    b"presentationml": PPTX,
    b"ms-powerpoint": PPTX,
    b"spreadsheetml": XLSX,
    b"ms-excel": XLSX,
}
_MAIN_MEMBERS = {"word/document.xml": DOCX, "ppt/presentation.xml": PPTX, "xl/workbook.xml": XLSX}
_MIMETYPES = (EPUB, ODT, ODS, ODP)
_NOT_ARCHIVES = ("META-INF/MANIFEST.MF", "AndroidManifest.xml", "Index/Document.iwa", "xl/workbook.bin")
_STREAMS = (
    ({"worddocument"}, DOC),
    ({"powerpoint document"}, PPT),
    ({"workbook", "book"}, XLS),
    ({"__properties_version1.0"}, OUTLOOK),
)
_BROKEN_ZIP = (
    *(zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, KeyError),
    *(RuntimeError, NotImplementedError, struct.error),
)


def of_zip(path: Path, name: str) -> str | None:
    """A document that is a zip inside, else an archive. A broken zip is what its name says, to be called damaged."""
    promised = by_name(name)
    try:
        with zipfile.ZipFile(path) as package:
            found = _of_package(package)
    except _BROKEN_ZIP:
        return promised if promised in ZIPPED else ZIP
    return promised if found == ZIP and promised in ZIPPED else found


def _of_package(package: zipfile.ZipFile) -> str | None:
    names = set(package.namelist())
    if "mimetype" in names:
        told = _start_of(package, "mimetype").strip().decode("ascii", "replace")
        if kind := next((kind for kind in _MIMETYPES if told.startswith(kind)), None):
            return kind
    if "[Content_Types].xml" in names and (part := _MAIN_PART.search(_start_of(package, "[Content_Types].xml"))):
        return _OF_MAIN_PART[part[1].lower()]
    if kind := next((kind for member, kind in _MAIN_MEMBERS.items() if member in names), None):
        return kind
    if "META-INF/container.xml" in names:
        return EPUB
    return None if names.intersection(_NOT_ARCHIVES) else ZIP


def _start_of(package: zipfile.ZipFile, member: str) -> bytes:
    with package.open(member) as file:
        return file.read(MAX_TYPES_BYTES)


def of_compound(path: Path, name: str) -> str | None:
    """An old Office document, an Outlook message, or a new Office document under a password."""
    promised = by_name(name)
    streams = _streams(path)
    if "encryptedpackage" in streams:
        return promised if promised in {DOCX, PPTX, XLSX} else DOCX
    found = next((kind for names, kind in _STREAMS if names & streams), None)
    return found or (promised if promised in {DOC, PPT, XLS, OUTLOOK} else None)


def _streams(path: Path) -> set[str]:
    """Names of the streams at the top of a compound file, none for a damaged one."""
    import olefile

    try:
        with olefile.OleFileIO(str(path)) as compound:
            return {str(entry[0]).lower() for entry in compound.listdir() if len(entry) == 1}
    except (OSError, ValueError, TypeError, IndexError, AttributeError, struct.error, RecursionError):
        return set()


def of_gzip(path: Path, name: str) -> str | None:
    """Records packed as JSONL, or nothing known."""
    if by_name(name) == RECORDS:
        return RECORDS
    try:
        with gzip.open(path, "rb") as file:
            return RECORDS if file.read(64).lstrip().startswith(b"{") else None
    except (OSError, EOFError, zlib.error):
        return None
