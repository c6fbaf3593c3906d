from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from basicchat.adapters.load.image import ImageLoader, ImageRenderer
from basicchat.adapters.load.options import LoadOptions
from basicchat.core.errors import DependencyMissing, NotFound, UnreadableDocument
from basicchat.core.types import Progress
from tests.adapters.load.pictures import LINES, needs, picture

LOADER = ImageLoader(LoadOptions(threads=1))


@needs("auto")
@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "gif", "bmp"])
def test_one_page_a_picture(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"notice.{ending}"
    picture().save(path)
    loaded = next(LOADER.load(path))
    assert (loaded.title, [page.text for page in loaded.pages]) == ("notice", ["\n".join(LINES)])
    assert loaded.media_type in LOADER.media_types
    assert loaded.pages[0].boxes
    assert 50 < loaded.metadata["recognised"]["1"] <= 100


@needs("auto")
def test_frames_of_a_tiff_are_pages(tmp_path: Path) -> None:
    path, told = tmp_path / "fax.tif", []
    blank = Image.new("RGB", (900, 400), "white")
    picture(["First page"]).save(path, save_all=True, append_images=[blank, picture(["Third page"])])
    loaded = next(LOADER.load(path, tell=told.append))
    assert [page.text for page in loaded.pages] == ["First page", "", "Third page"]
    assert loaded.warnings == ("No text on page 2.",)
    assert told[-1] == Progress("recognising", 2, 3, "pages")
    assert ImageRenderer().render(path, 3, width=300).width == 300
    with pytest.raises(NotFound):
        ImageRenderer().render(path, 4)


@needs("auto")
def test_as_the_camera_was_held(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right to see it upright
    picture().rotate(90, expand=True).save(path, exif=exif)
    page = next(LOADER.load(path)).pages[0]
    assert page.text == "\n".join(LINES)
    assert page.boxes[0].box.top < page.boxes[-1].box.top
    drawn = ImageRenderer().render(path, 1, width=450)
    assert (drawn.width, drawn.height) == (450, 200)


@needs("auto")
def test_no_text(tmp_path: Path) -> None:
    path = tmp_path / "sky.png"
    Image.new("RGB", (300, 300), "skyblue").save(path)
    with pytest.raises(UnreadableDocument, match="no text"):
        next(LOADER.load(path))


def png_that_claims(width: int, height: int) -> bytes:
    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(b"\0")) + part(b"IEND", b"")


@needs("auto")
@pytest.mark.parametrize("side", [12_000, 100_000])
def test_a_picture_of_too_many_pixels_is_refused_unread(tmp_path: Path, side: int) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_that_claims(side, side))
    with pytest.raises(UnreadableDocument, match="pixels"):
        next(LOADER.load(path))
    with pytest.raises(UnreadableDocument, match="pixels"):
        ImageRenderer().render(path, 1)


@needs("auto")
@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n", b"nothing like it", png_that_claims(0, 5)])
def test_damaged(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(data)
    with pytest.raises(UnreadableDocument, match="damaged"):
        next(LOADER.load(path))


def test_turned_off(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    picture().save(path)
    with pytest.raises(DependencyMissing, match="picture"):
        next(ImageLoader(LoadOptions(ocr="off")).load(path))
