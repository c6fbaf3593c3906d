from __future__ import annotations

import io
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment

from basicchat.adapters.load.sheets import SheetLoader
from basicchat.core.errors import PasswordRequired, UnreadableDocument
from basicchat.core.types import LoadedDocument


@pytest.fixture
def book(tmp_path: Path) -> Path:
    made = openpyxl.Workbook()
    costs = made.active
    costs.title = "Costs"
    costs.append(["Costs of the harbour"])
    costs.append([])
    costs.append(["Item", "Paid", "On"])
    costs.append(["Oak", 1200.5, date(2024, 1, 31)])
    costs.append(["Tar", 300, datetime(2024, 2, 1, 12, 30)])  # noqa: DTZ001
    costs.append(["Total", 1500.5])
    costs["B4"].comment = Comment("Paid twice?", "Anna")
    costs["F3"], costs["G3"], costs["F4"], costs["G4"] = "Ship", "Year", "Vasa", 1628
    more = made.create_sheet("Merged")
    more["A1"], more["B1"], more["A2"], more["B2"] = "Quay", "Ships", "North", 3
    more["B3"] = 4
    more.merge_cells("A2:A3")
    hidden = made.create_sheet("Secret")
    hidden["A1"] = "harbour master"
    hidden.sheet_state = "hidden"
    made.create_sheet("Empty")
    made.save(tmp_path / "book.xlsx")
    return tmp_path / "book.xlsx"


def load(path: Path, **options: str) -> LoadedDocument:
    (document,) = SheetLoader().load(path, **options)
    return document


def test_a_page_a_sheet(book: Path) -> None:
    pages = load(book).pages
    assert [page.label for page in pages] == ["Sheet Costs", "Sheet Merged", "Sheet Secret (hidden)"]
    assert [page.number for page in pages] == [1, 2, 3]
    assert [heading.text for heading in pages[0].headings] == ["Costs"]


def test_a_row_can_be_understood_alone(book: Path) -> None:
    text = load(book).pages[0].text
    assert "Costs of the harbour" in text
    assert "Item: Oak\nPaid: 1200.5\nOn: 2024-01-31" in text
    assert "Item: Tar\nPaid: 300\nOn: 2024-02-01 12:30:00" in text
    assert "Ship: Vasa\nYear: 1628" in text
    assert "Comment on B4 by Anna: Paid twice?" in text


def test_rows_know_their_cells(book: Path) -> None:
    page = load(book).pages[0]
    assert [anchor.name for anchor in page.anchors] == ["A4:C6", "F4:G4"]
    assert page.text[page.anchors[0].start :].startswith("Item: Oak")


def test_tables_are_kept(book: Path) -> None:
    costs, ships, merged = load(book).tables
    assert (costs.name, costs.page, costs.place) == ("Costs of the harbour", 1, "A4:C6")
    assert costs.columns == ("Item", "Paid", "On")
    assert costs.rows[0] == ("Oak", 1200.5, "2024-01-31")
    assert (ships.columns, ships.rows) == (("Ship", "Year"), (("Vasa", 1628),))
    assert merged.page == 2


def test_merged_cells_are_filled(book: Path) -> None:
    document = load(book)
    assert "Quay: North\nShips: 4" in document.pages[1].text
    assert document.tables[2].rows == (("North", 3), ("North", 4))


def test_a_merged_number_counts_once(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.active.append(["Quay", "Ships"])
    made.active.append(["North", 3])
    made.active.append(["South", None])
    made.active.merge_cells("B2:B3")
    made.save(tmp_path / "merged.xlsx")
    document = load(tmp_path / "merged.xlsx")
    assert "Quay: South\nShips: 3" in document.pages[0].text
    assert document.tables[0].rows == (("North", 3), ("South", None))


def test_a_long_sheet_comes_in_parts(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.active.title = "Log"
    made.active.append(["Day", "What happened on it"])
    for day in range(3000):
        made.active.append([day, f"The harbour was open all day, number {day}."])
    made.save(tmp_path / "long.xlsx")
    document = load(tmp_path / "long.xlsx")
    assert len(document.pages) > 1
    assert document.pages[0].label == "Sheet Log, part 1"
    assert max(len(page.text) for page in document.pages) <= 40_000
    assert all(page.anchors for page in document.pages)
    assert len(document.tables[0].rows) == 3000


def test_an_empty_book(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "empty.xlsx")
    with pytest.raises(UnreadableDocument, match="no filled cells"):
        load(tmp_path / "empty.xlsx")


def test_a_stray_cell_at_the_far_end(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.active["A1"], made.active["XFD1048576"] = "here", "far away"
    made.save(tmp_path / "far.xlsx")
    with pytest.raises(UnreadableDocument, match="more cells"):
        load(tmp_path / "far.xlsx")


def test_a_locked_book(book: Path, tmp_path: Path) -> None:
    from msoffcrypto.format.ooxml import OOXMLFile

    locked = io.BytesIO()
    OOXMLFile(io.BytesIO(book.read_bytes())).encrypt("harbour", locked)
    path = tmp_path / "locked.xlsx"
    path.write_bytes(locked.getvalue())
    for wrong in ("", "river"):
        with pytest.raises(PasswordRequired):
            load(path, password=wrong)
    assert "Item: Oak" in load(path, password="harbour").pages[0].text


@pytest.mark.evals
def test_real_sheets(evals: Path) -> None:
    root = evals / "docs-docling"
    for path in [*sorted((root / "xlsx").glob("*.xls?")), *(root / "xls").glob("*.xls"), *(root / "odf").glob("*.ods")]:
        document = load(path)
        assert document.pages, path.name
        assert all(page.label for page in document.pages)
