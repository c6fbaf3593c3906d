"""Office packages (OOXML and OpenDocument): zip files of XML, opened within limits and without entities."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError
from xml.parsers.expat import ExpatError

from basicchat.core.errors import BasicChatError, PasswordRequired, UnreadableDocument
from basicchat.core.types import Json

MAX_XML_BYTES = 64 * 2**20
"""XML of a package when unpacked. A thousand-page book is under 20 MB; the tree takes about ten times as much."""
MAX_UNPACKED_BYTES = 2 * 2**30
MAX_MEMBERS = 20_000
SCAN_BYTES = 1 << 20
"""Bytes looked through at once."""

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
"""How the older container of Office begins; an encrypted package is put into one."""

UNLOCK = "Save a copy without the password and add that."
"""What to do about a lock that no password opens here."""

_XML = (".xml", ".rels")
_DOCTYPE = tuple("<!DOCTYPE".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))
_MATH = "/math"
_RELATIONSHIPS = "/relationships"

DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, ExpatError, ParseError, OSError, EOFError, RuntimeError, NotImplementedError),
    *(KeyError, ValueError, AttributeError, IndexError, TypeError),
)
"""What readers of a package raise for a damaged file; `RecursionError` is a `RuntimeError`."""


@dataclass(frozen=True)
class Relation:
    """What a part refers to: the last word of the relation's type, and the part's name (an address if external)."""

    kind: str
    target: str
    external: bool


class Package:
    """Parts of an open package. Tags are without namespaces, but for formulas (``m-f``)."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.names = frozenset(archive.namelist())

    def read(self, name: str) -> bytes:
        """Bytes of a part. Raises `KeyError`."""
        return self._archive.read(name)

    def xml(self, name: str) -> Element | None:
        """The tree of a part, None if there is no such part. Raises `UnreadableDocument` for one with entities."""
        if name not in self.names:
            return None
        return simplify(parse_xml(self._archive.read(name)))

    def relations(self, part: str) -> dict[str, Relation]:
        """What a part refers to, by id."""
        folder, name = posixpath.split(part)
        root = self.xml(posixpath.join(folder, "_rels", f"{name}.rels"))
        return {} if root is None else dict(self._relations(root, folder))

    def related(self, part: str, kind: str) -> list[str]:
        """Names of the parts of a kind (``comments``, ``chart``) that a part refers to and that are there."""
        found = (relation for relation in self.relations(part).values() if relation.kind == kind)
        return [relation.target for relation in found if not relation.external and relation.target in self.names]

    def title(self) -> str:
        """The title among the properties of an OOXML document, empty if there is none."""
        root = self.xml("docProps/core.xml")
        return "" if root is None else " ".join((root.findtext("title") or "").split())

    def days(self) -> dict[str, Json]:
        """When an OOXML document says it was ``created`` and ``modified``, as far as it does."""
        root = self.xml("docProps/core.xml")
        names = () if root is None else ("created", "modified")
        return {name: words for name in names if root is not None and (words := (root.findtext(name) or "").strip())}

    def _relations(self, root: Element, folder: str) -> Iterator[tuple[str, Relation]]:
        for element in root.iter("Relationship"):
            target, external = element.get("Target", ""), element.get("TargetMode") == "External"
            if not external:
                target = posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/")
            yield element.get("Id", ""), Relation(element.get("Type", "").rsplit("/", 1)[-1], target, external)


@contextmanager
def open_package(path: Path, *, what: str, password: str = "", xml_limit: int = MAX_XML_BYTES) -> Iterator[Package]:
    """A checked package. ``what`` names the kind of file in errors.

    Whatever a damaged file makes a reader raise inside the ``with`` block becomes `UnreadableDocument`. Raises
    `PasswordRequired` for a locked file that ``password`` does not open.
    """
    try:
        with unlocked(path, what=what, password=password) as file, zipfile.ZipFile(file) as archive:
            check_archive(archive, what=what, xml_limit=xml_limit)
            yield Package(archive)
    except BasicChatError:
        raise
    except DAMAGED as error:
        raise UnreadableDocument(f"The {what} is damaged.") from error


def check_archive(archive: zipfile.ZipFile, *, what: str, xml_limit: int = MAX_XML_BYTES) -> None:
    """Refuse a package that unpacks beyond reason or whose XML declares a document type.

    Declared sizes can be trusted: `zipfile` never unpacks more of a member than its entry says. A document type is
    where entities are declared, those that expand a thousandfold and those that name other files; Office writes none.
    """
    members = archive.infolist()
    xml = [member for member in members if member.filename.lower().endswith(_XML)]
    if (
        len(members) > MAX_MEMBERS
        or sum(member.file_size for member in members) > MAX_UNPACKED_BYTES
        or sum(member.file_size for member in xml) > xml_limit
    ):
        raise UnreadableDocument(f"The {what} unpacks to more data than is safe to read.")
    if any(member.flag_bits & 1 for member in members):
        raise PasswordRequired(f"The {what} is locked with a password.", hint=UNLOCK)
    for member in xml:
        with archive.open(member) as file:
            if _declares_type(file):
                raise UnreadableDocument(f"The {what} declares XML entities, which is not safe to read.")


def _declares_type(file: object) -> bool:
    before = b""
    while data := file.read(SCAN_BYTES):  # type: ignore[attr-defined]
        seen = (before + data).upper()
        if any(mark in seen for mark in _DOCTYPE):
            return True
        before = data[-20:]
    return False


def parse_xml(data: bytes) -> Element:
    """A tree of XML that declares no document type. Raises `UnreadableDocument`."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise UnreadableDocument("The file declares XML entities, which is not safe to read.") from error
    except ParseError as error:
        raise UnreadableDocument("The file holds damaged XML.") from error
    return root


def simplify(root: Element) -> Element:
    """Drop namespaces, which differ between the dialects of a format.

    Names of formulas begin with ``m-``, attributes that refer to a relation with ``r-``.
    """
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = _plain(element.tag, _MATH, "m-")
        if element.attrib:
            element.attrib = {_plain(name, _RELATIONSHIPS, "r-"): value for name, value in element.attrib.items()}
    return root


def _plain(name: str, kept: str, prefix: str) -> str:
    if not name.startswith("{"):
        return name
    space, _, local = name[1:].rpartition("}")
    return prefix + local if space.endswith(kept) else local


@contextmanager
def unlocked(path: Path, *, what: str, password: str = "") -> Iterator[BinaryIO]:
    """The file, decrypted in memory where it is an encrypted one. Raises `PasswordRequired`."""
    with path.open("rb") as file:
        if file.read(len(OLE)) != OLE:
            file.seek(0)
            yield file
            return
        file.seek(0)
        yield _decrypted(file, what=what, password=password)


def _decrypted(file: BinaryIO, *, what: str, password: str) -> BinaryIO:
    import msoffcrypto
    from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError

    try:
        container = msoffcrypto.OfficeFile(file)
        if not container.is_encrypted():
            file.seek(0)
            return file
        if not password:
            raise PasswordRequired(f"The {what} is locked with a password.")
        clear = io.BytesIO()
        container.load_key(password=password)
        container.decrypt(clear)
    except (InvalidKeyError, DecryptionError) as error:
        raise PasswordRequired(f"The password does not open the {what}.") from error
    except FileFormatError:  # an old format that has no password as we know it; its reader will say
        file.seek(0)
        return file
    except ParseError as error:
        raise UnreadableDocument(f"The {what} is damaged.") from error
    clear.seek(0)
    return clear
