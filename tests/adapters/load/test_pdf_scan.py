from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL.Image import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from basicchat.adapters.load import pdfium
from basicchat.adapters.load.image import ImageLoader
from basicchat.adapters.load.options import LoadOptions
from basicchat.adapters.load.pdf import PdfLoader
from basicchat.adapters.load.pdf_scan import is_broken, is_meaningless
from basicchat.core.errors import DependencyMissing, PasswordRequired
from basicchat.core.types import Progress
from basicchat.evaluate.parsing import word_recall
from tests.adapters.load.pictures import LINES, needs, picture

OFF = PdfLoader(LoadOptions(ocr="off"))
ON = PdfLoader(LoadOptions(threads=1))


def make(path: Path, pages: Sequence[str | Image | None]) -> Path:
    """Pages of text, of a picture that covers them, and empty ones."""
    sheet = canvas.Canvas(str(path), pagesize=(450, 200))
    for page in pages:
        if isinstance(page, str):
            sheet.drawString(30, 150, page)
        elif page is not None:
            sheet.drawImage(ImageReader(page), 0, 0, 450, 200)
        sheet.showPage()
    sheet.save()
    return path


@needs("auto")
def test_only_the_page_that_is_a_picture_is_recognised(tmp_path: Path) -> None:
    told: list[Progress] = []
    path = make(tmp_path / "a.pdf", ["Typed words of the first page", picture(), None])
    loaded = next(ON.load(path, tell=told.append))
    assert [page.text for page in loaded.pages] == ["Typed words of the first page", "\n".join(LINES), ""]
    assert [bool(page.boxes) for page in loaded.pages] == [False, True, False]
    assert loaded.warnings == ("No text on page 3.",)
    assert Progress("recognising", 0, 1, "pages") in told


@needs("auto")
def test_a_stamp_does_not_make_a_scan_a_text(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    sheet = canvas.Canvas(str(path), pagesize=(450, 200))
    sheet.drawImage(ImageReader(picture()), 0, 0, 450, 200)
    sheet.drawString(200, 5, "p. 7")
    sheet.save()
    assert LINES[0] in next(ON.load(path)).pages[0].text


@pytest.mark.parametrize(
    "raw", ["\ue000\ue001\ue002\ue003 a", "(cid:12)(cid:44)(cid:7) a", "\ufffd\ufffd\ufffd\ufffd a"]
)
def test_characters_that_mean_nothing(tmp_path: Path, raw: str) -> None:
    path = make(tmp_path / "a.pdf", ["fine words"])
    with pdfium.open_pdf(path) as document, pdfium.LOCK, pdfium.open_page(document, 0) as (_, textpage):
        assert is_broken(raw, textpage)
        assert not is_broken(textpage.get_text_range(), textpage)
        assert not is_broken("\uf0b7 a bullet of the Symbol font", textpage)
        assert not is_broken("", textpage)
    assert is_meaningless(raw)
    assert not is_meaningless("fine words")


def without_letters(path: Path) -> Path:
    """Make the glyphs of the font stand for characters of private use."""
    names = " ".join(f"/uniE{code:03X}" for code in range(32, 127))
    differences = f"/Encoding << /Type /Encoding /Differences [32 {names}] >>".encode()
    path.write_bytes(path.read_bytes().replace(b"/Encoding /WinAnsiEncoding", differences))
    return path


def test_broken_text_is_not_taken_for_text(tmp_path: Path) -> None:
    path = without_letters(make(tmp_path / "a.pdf", ["The harbour is open from nine"]))
    with pytest.raises(DependencyMissing, match="means nothing"):
        next(OFF.load(path))


def test_scans_without_recognition_are_named(tmp_path: Path) -> None:
    loaded = next(OFF.load(make(tmp_path / "a.pdf", ["Typed", picture(), None, picture()])))
    assert len(loaded.warnings) == 2
    assert loaded.warnings[0].startswith("No text on pages 2, 4, where a picture is.")
    assert "BASICCHAT_INGEST__OCR" in loaded.warnings[0]
    assert loaded.warnings[1] == "No text on page 3."


def test_nothing_but_scans_without_recognition(tmp_path: Path) -> None:
    with pytest.raises(DependencyMissing, match="pages are pictures"):
        next(OFF.load(make(tmp_path / "a.pdf", [picture()])))


def test_what_to_install_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DependencyMissing) as caught:
        next(PdfLoader(LoadOptions(ocr="tesseract", threads=7)).load(make(tmp_path / "a.pdf", [picture()])))
    assert "basicchat[ocr]" in caught.value.hint
    assert "apt install tesseract-ocr" in caught.value.hint


@pytest.mark.evals
def test_real_files_are_read(evals: Path) -> None:
    recalls = []
    for path in sorted((evals / "docs-docling" / "pdf").glob("*.pdf")):
        loaded = next(OFF.load(path))
        assert loaded.warnings == ()
        expected = path.with_name(f"{path.name}.expected.md")
        if expected.exists():
            recalls.append(word_recall(expected.read_text("utf-8"), "\n".join(page.text for page in loaded.pages)))
    assert sum(recalls) / len(recalls) >= 0.95


@pytest.mark.evals
def test_a_real_locked_file_opens_with_its_password(evals: Path) -> None:
    path = evals / "docs-docling" / "pdf_password" / "2206.01062_pg3.pdf"
    with pytest.raises(PasswordRequired):
        next(OFF.load(path))
    assert "annotation" in next(OFF.load(path, password="1234")).pages[0].text


@needs("auto")
@pytest.mark.evals
@pytest.mark.parametrize("turned", ["", "_rotated_90", "_rotated_180", "_rotated_270"])
def test_real_scans_are_read_whichever_way_up(evals: Path, turned: str) -> None:
    path = evals / "docs-docling" / "ocr" / f"ocr_test{turned}.pdf"
    expected = path.with_name(f"{path.name}.expected.md").read_text("utf-8")
    assert word_recall(expected, next(ON.load(path)).pages[0].text) >= 0.95


@needs("tesseract")
@pytest.mark.evals
@pytest.mark.parametrize(
    ("name", "pages", "words"),
    [
        ("ocr/nemotron_multipage.pdf", 4, "bundles PDF document conversion"),
        ("ocr/qr_bill_example.jpg", 1, "Fictitious example for illustration purposes"),
        ("ocr/sample_with_rotation_mismatch.pdf", 1, "THE SLEREXE COMPANY LIMITED"),
        ("tiff/2206.01062.tif", 2, "DocLayNet: A Large"),
    ],
)
def test_every_page_of_real_scans_is_read(evals: Path, name: str, pages: int, words: str) -> None:
    options = LoadOptions(ocr="tesseract", threads=1)
    loader = PdfLoader(options) if name.endswith(".pdf") else ImageLoader(options)
    loaded = next(loader.load(evals / "docs-docling" / name))
    assert len(loaded.pages) == pages
    assert all(words in page.text for page in loaded.pages)
    assert loaded.warnings == ()
