from __future__ import annotations

from pathlib import Path

import pytest
from reportlab.pdfgen import canvas

from basicchat.adapters.load.options import LoadOptions
from basicchat.adapters.load.pdf import PdfLoader
from basicchat.core.types import Table


def statement(path: Path, rows: list[tuple[str, ...]], *, prose: bool = True) -> Path:
    sheet = canvas.Canvas(str(path))
    sheet.setFont("Helvetica", 9)
    sheet.drawString(72, 760, "CONSOLIDATED STATEMENTS OF INCOME")
    for at, row in enumerate(rows):
        sheet.drawString(72, 740 - 12 * at, row[0])
        for column, text in enumerate(row[1:]):
            if text.startswith("$"):
                sheet.drawString(340 + 80 * column, 740 - 12 * at, "$")
            # A closing bracket hangs over, as in printed statements.
            right = 400 + 80 * column + (3 if text.endswith(")") else 0)
            sheet.drawRightString(right, 740 - 12 * at, text.removeprefix("$"))
    if prose:
        for at in range(6):
            sheet.drawString(72, 560 - 12 * at, f"In 2019 we sold {at} ships and 12 boats, see Note {at} of 2018.")
    sheet.save()
    return path


def tables(path: Path) -> tuple[Table, ...]:
    return next(PdfLoader(LoadOptions(ocr="off")).load(path, name="report.pdf")).tables


ROWS = [
    ("(In millions)", "2019", "2018"),
    ("Revenues", "$39,117", "$36,397"),
    ("Cost of sales", "21,643", "20,441"),
    ("Other (income) expense, net", "(78)", "66"),
    ("Earnings per share:", "", ""),
    ("Basic", "$2.55", "$1.19"),
    ("Discontinued", "\u2014", "3"),
]


def test_a_statement_without_ruled_lines(tmp_path: Path) -> None:
    (table,) = tables(statement(tmp_path / "a.pdf", ROWS))
    assert table.columns == ("item", "2019", "2018")
    assert table.rows == (
        ("Revenues", 39117, 36397),
        ("Cost of sales", 21643, 20441),
        ("Other (income) expense, net", -78, 66),
        ("Earnings per share:", None, None),
        ("Basic", 2.55, 1.19),
        ("Discontinued", None, 3),
    )
    assert (table.page, table.place) == (1, "table 1")
    assert table.name == "report, CONSOLIDATED STATEMENTS OF INCOME"


def test_shares_of_a_whole_column_are_numbers(tmp_path: Path) -> None:
    rows = [("", "2019", "Change"), *((f"Item {at}", f"{at},100", f"{at} %") for at in range(1, 6))]
    (table,) = tables(statement(tmp_path / "a.pdf", rows))
    assert table.columns == ("item", "2019", "Change %")
    assert table.rows[0] == ("Item 1", 1100, 1)


@pytest.mark.parametrize("rows", [[], ROWS[:3], [("only words", "here", "there")] * 8])
def test_prose_and_short_lists_are_no_tables(tmp_path: Path, rows: list[tuple[str, ...]]) -> None:
    assert tables(statement(tmp_path / "a.pdf", rows)) == ()


@pytest.mark.evals
def test_real_statements(evals: Path) -> None:
    found = tables(evals / "financebench" / "pdfs" / "NIKE_2019_10K.pdf")
    balance = next(table for table in found if "CONSOLIDATED BALANCE SHEETS" in table.name)
    assert balance.columns == ("item", "MAY 31, 2019", "MAY 31, 2018")
    rows = {row[0]: row[1:] for row in balance.rows}
    assert rows["Inventories"] == (5622, 5261)
    assert rows["Accumulated other comprehensive income (loss)"] == (231, -92)
    assert len(found) > 20
