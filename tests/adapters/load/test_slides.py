from __future__ import annotations

from pathlib import Path

import pptx
import pytest
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from basicchat.adapters.load.slides import SlideLoader
from basicchat.core.errors import UnreadableDocument
from basicchat.core.types import LoadedDocument


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    made = pptx.Presentation()
    first = made.slides.add_slide(made.slide_layouts[1])
    first.shapes.title.text = "Harbour report"
    body = first.placeholders[1].text_frame
    body.text = "The harbour is open"
    deeper = body.add_paragraph()
    deeper.text, deeper.level = "Since Monday", 1
    first.notes_slide.notes_text_frame.text = "Say it slowly."
    second = made.slides.add_slide(made.slide_layouts[5])
    second.shapes.title.text = "Figures"
    table = second.shapes.add_table(3, 2, Inches(1), Inches(2), Inches(4), Inches(1)).table
    for at, word in enumerate(["Quay", "Ships", "North", "3", "South", "4"]):
        table.cell(at // 2, at % 2).text = word
    group = second.shapes.add_group_shape()
    group.shapes.add_textbox(Inches(1), Inches(5), Inches(2), Inches(1)).text_frame.text = "In a group"
    data = CategoryChartData()
    data.categories = ["2023", "2024"]
    data.add_series("Ships", (7, 8.5))
    second.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(1), Inches(3), Inches(2), data)
    made.slides.add_slide(made.slide_layouts[6])
    made.save(str(tmp_path / "deck.pptx"))
    return tmp_path / "deck.pptx"


def load(path: Path) -> LoadedDocument:
    (document,) = SlideLoader().load(path)
    return document


def test_a_page_a_slide(deck: Path) -> None:
    document = load(deck)
    assert [page.label for page in document.pages] == ["Slide 1", "Slide 2", "Slide 3"]
    assert document.pages[0].headings[0].text == "Harbour report"
    assert document.warnings == ("There is no text on slide 3.",)


def test_titles_bullets_and_notes(deck: Path) -> None:
    text = load(deck).pages[0].text
    assert text == "# Harbour report\n\n- The harbour is open\n  - Since Monday\n\nNotes: Say it slowly."


def test_tables_groups_and_charts(deck: Path) -> None:
    document = load(deck)
    text = document.pages[1].text
    assert "| Quay | Ships |\n| --- | --- |\n| North | 3 |" in text
    assert "In a group" in text
    assert "| 2024 | 8.5 |" in text
    table, chart = document.tables
    assert (table.page, table.columns) == (2, ("Quay", "Ships"))
    assert chart.columns == ("column 1", "Ships")


def test_progress_is_told(deck: Path) -> None:
    told = []
    list(SlideLoader().load(deck, tell=told.append))
    assert [(step.done, step.total, step.unit) for step in told] == [(n, 3, "slides") for n in range(3)]


def test_slides_without_text(tmp_path: Path) -> None:
    made = pptx.Presentation()
    made.slides.add_slide(made.slide_layouts[6])
    made.save(str(tmp_path / "blank.pptx"))
    with pytest.raises(UnreadableDocument, match="no text"):
        load(tmp_path / "blank.pptx")


@pytest.mark.evals
def test_real_slides(evals: Path) -> None:
    for path in sorted((evals / "docs-docling" / "pptx").glob("*.pptx")):
        assert load(path).pages, path.name
