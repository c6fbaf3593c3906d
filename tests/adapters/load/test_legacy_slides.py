"""Presentations of before 2007, put together record by record."""

from __future__ import annotations

import struct

import pytest

from basicchat.adapters.load.legacy_slides import slides_of
from basicchat.core.errors import PasswordRequired, UnreadableDocument

NORMAL, LOCKED = 0xE391C05F, 0xF3D1C4DF
TITLE, BODY, NOTES, OTHER = 0, 1, 2, 4


def record(kind: int, *parts: bytes, instance: int = 0, nested: bool = False) -> bytes:
    body = b"".join(parts)
    return struct.pack("<HHI", instance << 4 | (0xF if nested else 0), kind, len(body)) + body


def nest(kind: int, *parts: bytes, instance: int = 0) -> bytes:
    return record(kind, *parts, instance=instance, nested=True)


def text(kind: int, words: str) -> bytes:
    return record(0x0F9F, struct.pack("<I", kind)) + record(0x0FA0, words.encode("utf-16-le"))


def slide(*parts: bytes) -> bytes:
    return nest(0x03EE, nest(0x040C, nest(0xF002, nest(0xF003, *parts))))


def box(words: str, *, place: tuple[int, int, int, int] | None = None, kind: int = OTHER) -> bytes:
    where = [record(0xF00F, struct.pack("<4i", *place))] if place else []
    return nest(0xF004, *where, nest(0xF00D, text(kind, words)) if words else b"")


def table(*cells: bytes) -> bytes:
    says = record(0xF122, struct.pack("<HI", 0x039F, 1), instance=1)
    return nest(0xF003, nest(0xF004, says), *cells)


def notes(of: int, words: str) -> bytes:
    return nest(0x03F0, record(0x03F1, struct.pack("<II", of, 0)), nest(0x040C, box(words, kind=NOTES), box("7")))


def listed(instance: int, *entries: tuple[int, int, bytes]) -> bytes:
    """A list of parts: the number of each, the identifier of its slide, and its outline."""
    parts = (record(0x03F3, struct.pack("<IIiII", n, 0, 0, of, 0)) + outline for n, of, outline in entries)
    return nest(0x0FF0, *parts, instance=instance)


class Presentation:
    """The stream of a presentation as saving it again and again makes it: parts, then where they are."""

    def __init__(self) -> None:
        self.data = b"\0" * 8
        self.newest = 0

    def save(self, parts: dict[int, bytes]) -> None:
        entries = b""
        for number, part in parts.items():
            entries += struct.pack("<II", number | 1 << 20, len(self.data))
            self.data += part
        directory = len(self.data)
        self.data += record(0x1772, entries)
        before, self.newest = self.newest, len(self.data)
        self.data += record(0x0FF5, struct.pack("<IIIIIIII", 0, 0, before, directory, 1, 0, 0, 0))

    def user(self, token: int = NORMAL) -> bytes:
        return record(0x0FF6, struct.pack("<III", 0x14, token, self.newest), b"\0" * 12)

    def pages(self) -> list[str]:
        return [slide.text() for slide in slides_of(self.data, self.user())]


def test_slides_come_in_the_order_of_the_list_with_outline_boxes_and_notes():
    presentation = Presentation()
    pages = listed(0, (3, 301, text(TITLE, "Second")), (2, 300, text(TITLE, "First") + text(BODY, "A point")))
    document = nest(0x03E8, pages, listed(2, (4, 300, b"")))
    first, second = slide(box("In a box")), slide()
    presentation.save({1: document, 2: first, 3: second, 4: notes(300, "Say hello")})
    assert presentation.pages() == ["# Second", "# First\n\nA point\n\nIn a box\n\nNotes: Say hello"]


def test_what_a_later_save_replaced_or_dropped_is_gone():
    presentation = Presentation()
    both = nest(0x03E8, listed(0, (2, 300, b""), (3, 301, b"")))
    presentation.save({1: both, 2: slide(box("Price: 10")), 3: slide(box("To be deleted"))})
    presentation.save({1: nest(0x03E8, listed(0, (2, 300, b""))), 2: slide(box("Price: 12"))})
    assert presentation.pages() == ["Price: 12"]


def test_a_table_has_its_rows_and_a_merged_cell_stands_in_each_of_its_places():
    presentation = Presentation()
    cells = [
        box("Year", place=(0, 0, 10, 10)),
        box("Rent", place=(10, 0, 30, 10)),
        box("2023", place=(0, 10, 10, 20)),
        box("900", place=(10, 10, 20, 20)),
        box("", place=(20, 10, 30, 20)),
        box("", place=(0, 10, 30, 10)),  # a line
    ]
    presentation.save({1: nest(0x03E8, listed(0, (2, 300, b""))), 2: slide(table(*cells), box("Below"))})
    (page,) = slides_of(presentation.data, presentation.user())
    assert "| Year | Rent | Rent |\n| --- | --- | --- |\n| 2023 | 900 |  |" in page.text()
    assert page.text().count("900") == 1
    (kept,) = page.tables(page=1)
    assert kept.rows == (("Year", "Rent", "Rent"), ("2023", "900", None))


def test_a_group_that_is_no_table_is_read_shape_by_shape():
    presentation = Presentation()
    group = nest(
        0xF003, nest(0xF004, record(0xF122, struct.pack("<HI", 0x03BF, 1), instance=1)), box("One"), box("Two")
    )
    presentation.save({1: nest(0x03E8, listed(0, (2, 300, b""))), 2: slide(group)})
    assert presentation.pages() == ["One\n\nTwo"]


def test_a_locked_presentation_asks_for_its_password():
    with pytest.raises(PasswordRequired):
        slides_of(b"", Presentation().user(LOCKED))


@pytest.mark.parametrize("missing", ["list", "part"])
def test_a_presentation_without_its_parts_says_so(missing):
    presentation = Presentation()
    presentation.save({1: nest(0x03E8, listed(0, (2, 300, b"")))})
    if missing == "list":
        presentation.newest = 0
    with pytest.raises(UnreadableDocument, match="list of its parts" if missing == "list" else "part of the pres"):
        presentation.pages()


def test_saves_that_point_at_each_other_end():
    presentation = Presentation()
    presentation.save({1: nest(0x03E8, listed(0, (2, 300, b""))), 2: slide(box("Here"))})
    at = presentation.newest + 8 + 8
    presentation.data = presentation.data[:at] + struct.pack("<I", presentation.newest) + presentation.data[at + 4 :]
    assert presentation.pages() == ["Here"]
