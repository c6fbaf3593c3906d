from __future__ import annotations

from basicchat.adapters.load.compose import CellComposer, Composer


def test_blocks_in_order() -> None:
    out = Composer()
    out.heading(1, " Ports ")
    out.paragraph("Open.\nStill.")
    out.item("one")
    out.item("deep", depth=1, mark="1.")
    out.paragraph("  ")
    out.heading(9, "End")
    assert out.text() == "# Ports\n\nOpen.\nStill.\n\n- one\n  1. deep\n\n###### End"
    page = out.page(3, label="Slide 3")
    assert [(heading.level, page.text[heading.start :][:3]) for heading in page.headings] == [(1, "# P"), (6, "###")]
    assert out.first_heading == "Ports"


def test_tables_lie_on_the_page_on_which_they_begin() -> None:
    out = Composer()
    out.table([["a", "b"], ["1", "2"]])
    for number in range(500):
        out.paragraph(f"Paragraph {number} of a long text. " * 5)
    out.table([["c", "d"], ["3", "4"]], name="last")
    pages, tables = out.document()
    assert len(pages) > 1
    assert [(table.name, table.place, table.page) for table in tables] == [
        ("table 1", "table 1", 1),
        ("last", "table 2", len(pages)),
    ]
    assert "| c | d |" in pages[-1].text


def test_nothing() -> None:
    out = Composer()
    out.table([["", " "]])
    assert out.empty
    assert out.document() == ((), ())
    assert out.first_heading == ""


def test_a_cell_is_one_line() -> None:
    out = CellComposer()
    out.paragraph("words")
    out.item("one")
    out.table([["a", "b"], ["", "2"]])
    assert out.line() == "words - one a, b; 2"
