"""Pictures in the documentation: each that is shown is there, and no state of the library is missing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
PICTURE = re.compile(r"\]\(([^)\s]+\.png)\)")
WIDTHS = {"desktop": 1280, "phone": 390}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_picture_that_a_page_shows_is_there(page: Path) -> None:
    for shown in PICTURE.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / shown).resolve().is_file(), shown


@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("state", ["empty", "running", "paused", "warnings", "failed"])
def test_every_state_of_the_library_is_pictured(state: str, size: str) -> None:
    with Image.open(REPOSITORY / "docs" / "images" / f"library-{state}-{size}-light.png") as picture:
        assert picture.width == WIDTHS[size]
