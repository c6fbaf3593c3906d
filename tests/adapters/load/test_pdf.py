from __future__ import annotations

import gzip
import json
import threading
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen import canvas

from basicchat.adapters.load.options import LoadOptions
from basicchat.adapters.load.pdf import PdfLoader, good_title
from basicchat.adapters.load.pdf_render import PdfRenderer
from basicchat.core.errors import DependencyMissing, PasswordRequired, UnreadableDocument


def make(path: Path, *pages: str, title: str = "") -> Path:
    sheet = canvas.Canvas(str(path))
    if title:
        sheet.setTitle(title)
    for number, text in enumerate(pages):
        sheet.bookmarkPage(str(number))
        sheet.addOutlineEntry(f"Part {number + 1}", str(number))
        for line, words in enumerate(text.split("\n")):
            sheet.drawString(72, 700 - 20 * line, words)
        sheet.showPage()
    sheet.save()
    return path


def encrypted(source: Path, target: Path, *, user: str, algorithm: str) -> Path:
    writer = PdfWriter(clone_from=PdfReader(source))
    writer.encrypt(user_password=user, owner_password="owner", algorithm=algorithm)
    writer.write(target)
    return target


def test_pages_outline_and_title(tmp_path: Path) -> None:
    path = make(tmp_path / "a.pdf", "Cover\nPart 1 The harbour", "Three ships", title="Ports of call")
    loaded = next(PdfLoader().load(path))
    assert loaded.title == "Ports of call"
    assert [page.text for page in loaded.pages] == ["Cover\nPart 1 The harbour", "Three ships"]
    assert [(h.text, h.start) for page in loaded.pages for h in page.headings] == [("Part 1", 6), ("Part 2", 0)]


def test_pages_without_text_are_named(tmp_path: Path) -> None:
    loaded = next(PdfLoader().load(make(tmp_path / "a.pdf", "one", "", "", "four", "")))
    assert loaded.warnings == ("No text on pages 2-3, 5.",)
    assert len(loaded.pages) == 5


def test_no_text_at_all(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="no text") as caught:
        list(PdfLoader().load(make(tmp_path / "a.pdf", "", "")))
    assert "empty" in caught.value.hint


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_encrypted(tmp_path: Path, algorithm: str) -> None:
    plain = make(tmp_path / "plain.pdf", "The harbour")
    empty = encrypted(plain, tmp_path / "empty.pdf", user="", algorithm=algorithm)
    assert next(PdfLoader().load(empty)).pages[0].text == "The harbour"
    assert PdfRenderer().render(empty, 1, width=100).width == 100
    locked = encrypted(plain, tmp_path / "locked.pdf", user="secret", algorithm=algorithm)
    with pytest.raises(PasswordRequired):
        list(PdfLoader().load(locked))
    with pytest.raises(PasswordRequired):
        PdfRenderer().render(locked, 1)


@pytest.mark.parametrize("share", [0.01, 0.2, 0.5, 0.9, 0.99])
def test_cut_files_are_read_or_refused(tmp_path: Path, share: float) -> None:
    data = make(tmp_path / "a.pdf", *(f"page {number}" for number in range(30))).read_bytes()
    (tmp_path / "cut.pdf").write_bytes(data[: int(len(data) * share)])
    try:
        pages = next(PdfLoader().load(tmp_path / "cut.pdf")).pages
    except UnreadableDocument:
        return
    assert pages[0].text.startswith("page")


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Annual report 2015", "Annual report 2015"),
        ("", "name"),
        ("0001018724-18-000005", "name"),
        ("Microsoft Word - draft.doc", "name"),
        ("untitled", "name"),
        ("scan.pdf", "name"),
        ("年次報告書", "年次報告書"),
    ],
)
def test_titles(title: str, expected: str) -> None:
    assert good_title(title, "name.pdf") == expected


def test_threads_share_pdfium(tmp_path: Path) -> None:
    paths = [make(tmp_path / f"{n}.pdf", *(f"document {n} page {p}" for p in range(20))) for n in range(4)]
    read: dict[int, list[str]] = {}

    def work(number: int) -> None:
        for page in (1, 10, 20):
            PdfRenderer().render(paths[number], page, start=0, end=8, width=200)
        read[number] = [page.text for page in next(PdfLoader().load(paths[number])).pages]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read == {n: [f"document {n} page {p}" for p in range(20)] for n in range(4)}


PICTURES = {
    "cmyk-image",
    "grayscale-image",
    "imagemagick-ASCII85Decode",
    "imagemagick-CCITTFaxDecode",
    "imagemagick-lzw",
}
"""Samples that show pictures and nothing else."""


@pytest.mark.evals
def test_real_oddities_are_read_page_by_page_or_refused_by_name(evals: Path) -> None:
    with gzip.open(evals / "pdf-samples" / "files.jsonl.gz", "rt", encoding="utf-8") as file:
        facts = {one["file"]: one for one in map(json.loads, file)}
    loader = PdfLoader(LoadOptions(ocr="off"))
    refused = set()
    for name, known in facts.items():
        path = evals / "pdf-samples" / name
        if known["encrypted"]:
            for wrong in ("", "openpasswort"):
                with pytest.raises(PasswordRequired):
                    next(loader.load(path, password=wrong))
        try:
            loaded = next(loader.load(path, password="openpassword" if known["encrypted"] else ""))
        except DependencyMissing:
            refused.add(path.stem.rpartition("__")[2])
            continue
        assert [page.number for page in loaded.pages] == list(range(1, known["pages"] + 1)), name
        assert any(page.text for page in loaded.pages), name
    assert len(facts) == 28
    assert refused == PICTURES


@pytest.mark.evals
def test_the_marked_place_holds_the_words(evals: Path) -> None:
    import pypdfium2

    path = evals / "financebench" / "pdfs" / "NETFLIX_2017_10K.pdf"
    page = next(PdfLoader().load(path)).pages[30]
    start = len(page.text) // 2
    start += page.text[start:].index(" ") + 1
    end = start + page.text[start:].index(" ", 150)
    image = PdfRenderer().render(path, page.number, start=start, end=end)
    document = pypdfium2.PdfDocument(path)
    sheet = document[page.number - 1]
    textpage = sheet.get_textpage()
    width, height = sheet.get_size()
    marked = " ".join(
        textpage.get_text_bounded(b.left * width, height * (1 - b.bottom), b.right * width, height * (1 - b.top))
        for b in image.boxes
    )
    assert set(page.text[start:end].split()) <= set(marked.split())
    textpage.close()
    sheet.close()
    document.close()


def test_the_days_that_a_file_gives_itself(tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=PdfReader(make(tmp_path / "a.pdf", "The lighthouse is tall.")))
    writer.add_metadata({"/CreationDate": "D:20200102030405Z", "/ModDate": "D:20219902030405Z"})
    writer.write(tmp_path / "b.pdf")
    (loaded,) = PdfLoader().load(tmp_path / "b.pdf")
    assert loaded.metadata == {"created": "2020-01-02"}
