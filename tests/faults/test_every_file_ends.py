"""Whole collections of real and of hostile files, each through a reading process: text, or an error that says what."""

from __future__ import annotations

import threading
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from basicchat.adapters.load import default_loaders
from basicchat.adapters.load.isolated import isolated
from basicchat.adapters.load.limits import ParseLimits
from basicchat.adapters.load.worker_pool import WorkerPool
from basicchat.core.errors import BasicChatError
from basicchat.core.protocols import Loader
from basicchat.ingest.detect import media_type_of

LIMITS = ParseLimits(memory_mb=2048, cpu_seconds=120, wall_seconds=240)
UNCLEAR = ("crashed", "failed on this file")
NOT_FILES = {"README.md", "manifest.jsonl.gz", "files.jsonl.gz"}


@pytest.fixture(scope="module")
def loaders() -> Iterator[dict[str, Loader]]:
    pool = WorkerPool(limits=LIMITS, workers=2)
    yield {kind: loader for loader in isolated(default_loaders(), pool) for kind in loader.media_types}
    pool.close()


def ending(path: Path, loaders: dict[str, Loader]) -> str:
    """``text`` or the code of the error. What is no clear error is ``unclear`` with its words."""
    loader = loaders.get(media_type_of(path, name=path.name) or "")
    if loader is None:
        return "unsupported-document"
    try:
        documents = list(loader.load(path, name=path.name))
    except BasicChatError as error:
        clear = str(error) and error.hint and not any(words in str(error) for words in UNCLEAR)
        return error.code if clear else f"unclear: {error}"
    return "text" if any(page.text.strip() for document in documents for page in document.pages) else "empty"


def endings(folder: Path, loaders: dict[str, Loader]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in NOT_FILES:
            found.setdefault(ending(path, loaders), []).append(path.name)
    return found


@pytest.mark.evals
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", ["docs-docling", "pdf-samples", "xml-bombs"])
def test_every_file_ends_as_text_or_as_a_clear_error(evals: Path, loaders: dict[str, Loader], name: str) -> None:
    found = endings(evals / name, loaders)
    assert found.keys() <= {"text", "unreadable-document", "password-required", "unsupported-document"}, found
    if name == "xml-bombs":
        assert found.pop("text") == ["simple-ns.xml", "simple.xml"]
        assert found.keys() == {"unreadable-document"}, found


MEMORY_MB = 1024
REFUSED = ("laughs.docx", "laughs.xlsx", "laughs.xml", "zip-bomb.docx", "zip-bomb.xlsx", "deep.json")
PARENT_MB = 200
"""How much the parent may grow while hostile files are read: their errors are sentences."""

ENTITIES = "".join(f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, 10))
LAUGHS = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">{ENTITIES}]>'
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/{part}" ContentType="application/'
    'vnd.openxmlformats-officedocument.{kind}.main+xml"/></Types>'
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="{part}"/>'
    "</Relationships>"
)


def package(path: Path, part: str, kind: str, xml: bytes, *, times: int = 1) -> Path:
    """An office file whose main part is ``xml``, over and over."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr("[Content_Types].xml", TYPES.format(part=part, kind=kind))
        box.writestr("_rels/.rels", RELATIONS.format(part=part))
        with box.open(part, "w", force_zip64=True) as member:
            for _ in range(times):
                member.write(xml)
    return path


def pdf(path: Path, *, box: str = "0 0 612 792", content: bytes = b"", extra: bytes = b"") -> Path:
    """A PDF of one page, the content compressed."""
    packed = zlib.compress(content)
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[" + box.encode() + b"]/Contents 4 0 R/Resources<<>>" + extra + b">>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(packed), packed),
    ]
    data, offsets = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    end = b"xref\n0 5\n0000000000 65535 f \n%strailer\n<</Root 1 0 R/Size 5>>\nstartxref\n%d\n%%%%EOF" % (
        table,
        len(data),
    )
    path.write_bytes(data + end)
    return path


def picture(path: Path, side: int) -> Path:
    """A PNG that claims and holds ``side`` x ``side`` black points in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(side // 8 + 1)) for _ in range(side)) + packer.flush()
    head = side.to_bytes(4, "big") * 2 + b"\x01\x00\x00\x00\x00"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))
    return path


def text(path: Path, words: str) -> Path:
    path.write_text(words, encoding="utf-8")
    return path


def bombs(folder: Path) -> Iterator[Path]:
    """Small files that unpack, expand, nest or blow up."""
    word, sheet = "wordprocessingml.document", "spreadsheetml.sheet"
    laughs = f'{LAUGHS}<w:document xmlns:w="{WORD}"><w:body><w:p><w:r><w:t>&e9;</w:t></w:r></w:p></w:body></w:document>'
    yield package(folder / "laughs.docx", "word/document.xml", word, laughs.encode())
    book = f'{LAUGHS}<workbook xmlns="{SHEET}"><sheets><sheet name="&e9;"/></sheets></workbook>'
    yield package(folder / "laughs.xlsx", "xl/workbook.xml", sheet, book.encode())
    yield package(folder / "zip-bomb.docx", "word/document.xml", word, bytes(2**20), times=600)
    yield package(folder / "zip-bomb.xlsx", "xl/workbook.xml", sheet, bytes(2**20), times=600)
    nested = b"<w:p>" * 200_000
    yield package(folder / "nested.docx", "word/document.xml", word, f'<w:document xmlns:w="{WORD}">'.encode() + nested)
    yield text(folder / "laughs.svg", f"{LAUGHS}<svg xmlns='http://www.w3.org/2000/svg'><text>&e9;</text></svg>")
    yield text(folder / "laughs.xml", f"{LAUGHS}<a>&e9;</a>")
    yield text(folder / "nested.xml", "<a>" * 300_000)
    yield pdf(folder / "giant-page.pdf", box="0 0 1000000000 1000000000", content=b"BT (harbour) Tj ET")
    yield pdf(folder / "flate-bomb.pdf", content=b"0 0 m 1 1 l S\n" * 20_000_000)
    yield pdf(folder / "nested.pdf", extra=b"/Annots" + b"[" * 500_000)
    yield pdf(folder / "states.pdf", content=b"q " * 5_000_000)
    yield picture(folder / "bomb.png", 60_000)
    yield text(folder / "nested.html", "<div>" * 200_000 + "harbour")
    yield text(folder / "attributes.html", "<a " + "x=1 " * 300_000 + ">harbour</a>")
    yield text(folder / "unclosed.html", "<!--" * 300_000)
    yield text(folder / "brackets.md", "[" * 300_000 + "harbour" + "](" * 1000)
    yield text(folder / "stars.md", "*a _b " * 200_000)
    yield text(folder / "quotes.md", "> " * 100_000 + "harbour")
    yield text(folder / "quotes.csv", 'a,b\n"' + 'x""' * 400_000)
    yield text(folder / "wide.csv", ",".join(["c"] * 200_000) + "\n" + ",".join(["1"] * 200_000))
    yield text(folder / "braces.tex", "\\documentclass{article}\\begin{document}" + "{" * 300_000)
    yield text(folder / "deep.json", "[" * 300_000)
    yield text(folder / "deep.ipynb", '{"cells":' + "[" * 300_000)
    yield text(folder / "titles.rst", "a\n=\n" * 100_000)
    yield text(folder / "blank.txt", " " * 5_000_000 + "harbour")
    yield text(folder / "line.txt", "harbour" * 2_000_000)
    yield text(folder / "parts.eml", "Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n\nx\n" * 100_000)
    yield text(folder / "nested.rtf", "{\\rtf1 " + "{" * 300_000 + "harbour")


@pytest.mark.timeout(900)
def test_bombs_end_soon_and_memory_stays_flat(tmp_path: Path) -> None:
    limits = ParseLimits(memory_mb=MEMORY_MB, cpu_seconds=8, wall_seconds=60)
    pool = WorkerPool(limits=limits, workers=1)
    loaders = {kind: loader for loader in isolated(default_loaders(), pool) for kind in loader.media_types}
    files = list(bombs(tmp_path))
    before = psutil.Process().memory_info().rss
    with Peak(pool) as peak:
        found = {path.name: ending(path, loaders) for path in files}
    assert not {name: how for name, how in found.items() if how == "empty" or how.startswith("unclear")}
    assert all(found[name] == "unreadable-document" for name in REFUSED)
    assert peak.megabytes < MEMORY_MB * 1.2
    assert psutil.Process().memory_info().rss - before < PARENT_MB * 2**20


class Peak:
    """The most memory that the processes of a pool hold, looked at often; closes the pool at the end."""

    def __init__(self, pool: WorkerPool) -> None:
        self.megabytes = 0.0
        self._pool = pool
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._pool.close()

    def _look(self) -> None:
        while not self._over.wait(0.02):
            for pid in self._pool.pids:
                try:
                    self.megabytes = max(self.megabytes, psutil.Process(pid).memory_info().rss / 2**20)
                except psutil.Error:
                    continue
