from __future__ import annotations

from pathlib import Path

import pytest
from reportlab.pdfgen import canvas

from basicchat.adapters.load.pdf import PdfLoader
from basicchat.adapters.load.pdf_render import PdfRenderer
from basicchat.testing.contracts.page_renderer import PageRendererContract


class TestPdf(PageRendererContract):
    @pytest.fixture
    def renderer(self) -> PdfRenderer:
        return PdfRenderer()

    @pytest.fixture
    def loader(self) -> PdfLoader:
        return PdfLoader()

    @pytest.fixture(params=[0, 90, 180, 270])
    def original(self, request: pytest.FixtureRequest, tmp_path: Path) -> Path:
        sheet = canvas.Canvas(str(tmp_path / "source.pdf"))
        sheet.setPageRotation(request.param)
        sheet.drawString(72, 500, "Notes on ports")
        sheet.drawString(72, 450, "The harbour is open.")
        sheet.save()
        return tmp_path / "source.pdf"
