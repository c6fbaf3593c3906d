from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from basicchat.adapters.load.ocr import Engine, engine_for, recognise
from basicchat.adapters.load.options import LoadOptions
from basicchat.core.errors import DependencyMissing, InvalidInput
from basicchat.evaluate.parsing import word_recall
from tests.adapters.load.pictures import EACH, LINES, needs, picture


def engine(name: str, languages: str = "eng") -> Engine:
    return engine_for(LoadOptions(ocr=name, ocr_languages=languages, threads=1))


@pytest.mark.parametrize("name", EACH)
def test_lines_and_places(name: str) -> None:
    image = picture()
    page = recognise(image, engine(name), number=3)
    assert page.number == 3
    assert page.text == "\n".join(LINES)
    assert " ".join(page.text[box.start : box.end] for box in page.boxes) == " ".join(LINES)
    for box in page.boxes:
        line = page.text.count("\n", 0, box.start)
        middle = (box.box.top + box.box.bottom) / 2 * image.height
        assert abs(middle - (50 + 90 * line + 30)) < 30
        assert 0 <= box.box.left < box.box.right <= 1


@pytest.mark.parametrize("name", EACH[:2])
@pytest.mark.parametrize("turned", [90, 180, 270])
def test_turned_pictures(name: str, turned: int) -> None:
    lines = ["All ships are to report", *LINES, "or whenever the flag is up"]
    image = picture(lines, size=(1000, 600)).rotate(turned, expand=True)
    page = recognise(image, engine(name), number=1)
    assert page.text == "\n".join(lines)
    # Text that runs to the left, or from the top down, begins on the other side.
    first, last = page.boxes[0].box, page.boxes[-1].box
    if turned == 180:
        assert first.top > last.top
    else:
        assert (first.left < last.left) == (turned == 90)


@pytest.mark.parametrize("name", EACH)
def test_a_picture_without_text(name: str) -> None:
    image = Image.new("RGB", (400, 300), "white")
    ImageDraw.Draw(image).ellipse((100, 100, 220, 200), fill="navy")
    assert recognise(image, engine(name), number=1).text == ""


@needs("tesseract")
def test_languages_that_are_not_installed_give_way() -> None:
    assert recognise(picture(), engine("tesseract", "tlh"), number=1).text == "\n".join(LINES)


@needs("rapidocr")
def test_small_print_on_grey() -> None:
    image = Image.new("L", (500, 120), 200)
    ImageDraw.Draw(image).text((10, 40), "Total 25.40", fill=90, font=ImageFont.load_default(size=16))
    assert "25.40" in recognise(image, engine("rapidocr"), number=1).text


def test_turned_off() -> None:
    with pytest.raises(DependencyMissing) as caught:
        engine("off")
    assert "BASICCHAT_INGEST__OCR" in caught.value.hint


def test_an_engine_that_nobody_knows() -> None:
    with pytest.raises(InvalidInput):
        engine("eyes")


def test_nothing_installed_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DependencyMissing) as caught:
        engine_for(LoadOptions(ocr="tesseract", ocr_languages="none"))
    for line in ('pip install "basicchat[ocr]"', "apt install tesseract-ocr", "brew install", "choco install"):
        assert line in caught.value.hint


@pytest.mark.evals
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", EACH[:2])
def test_the_fields_of_real_receipts_are_recognised(evals: Path, name: str) -> None:
    with gzip.open(evals / "ocr-sroie" / "truth.jsonl.gz", "rt", encoding="utf-8") as file:
        receipts = sorted(map(json.loads, file), key=lambda receipt: receipt["_id"])
    recalls = []
    for receipt in receipts[3::6]:  # none of those that Tesseract's settings were chosen on
        with Image.open(evals / "ocr-sroie" / f"{receipt['_id']}.jpg") as image:
            text = recognise(image.convert("RGB"), engine(name), number=1).text
        recalls.append(word_recall(" ".join(receipt["key"].values()), text))
    assert sum(recalls) / len(recalls) >= 0.85
