from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen import canvas

from basicchat.adapters.load.pdf import PdfLoader
from basicchat.adapters.load.pdf_render import PdfRenderer
from basicchat.adapters.load.pdf_unlock import unlocked_copy
from basicchat.core.errors import PasswordRequired


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    path = tmp_path / "plain.pdf"
    sheet = canvas.Canvas(str(path))
    sheet.drawString(72, 700, "The harbour")
    sheet.save()
    return path


def locked(plain: Path, algorithm: str) -> Path:
    writer = PdfWriter(clone_from=PdfReader(plain))
    writer.encrypt(user_password="secret", owner_password="owner", algorithm=algorithm)
    path = plain.with_name("locked.pdf")
    writer.write(path)
    return path


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_the_copy_of_a_locked_file_can_be_drawn(plain: Path, algorithm: str) -> None:
    path, copy = locked(plain, algorithm), plain.with_name("copy")
    with pytest.raises(PasswordRequired, match="locked"):
        next(PdfLoader().load(path))
    with pytest.raises(PasswordRequired, match="does not open"):
        next(PdfLoader().load(path, password="wrong"))
    text = next(PdfLoader().load(path, password="secret")).pages[0].text
    assert unlocked_copy(path, "secret", copy)
    assert next(PdfLoader().load(copy)).pages[0].text == text == "The harbour"
    assert PdfRenderer().render(copy, 1, start=0, end=len(text), width=100).boxes


def test_no_copy_where_there_is_no_need_or_no_way(plain: Path) -> None:
    copy = plain.with_name("copy")
    assert not unlocked_copy(plain, "secret", copy)
    assert not unlocked_copy(locked(plain, "AES-256"), "wrong", copy)
    plain.write_bytes(b"%PDF-1.7 nothing")
    assert not unlocked_copy(plain, "secret", copy)
    assert not copy.exists()
