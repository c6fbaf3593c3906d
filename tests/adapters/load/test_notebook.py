from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from basicchat.adapters.load.notebook import NotebookLoader


def read(tmp_path: Path, notebook: dict[str, Any]):
    (tmp_path / "a.ipynb").write_text(json.dumps(notebook))
    return next(NotebookLoader().load(tmp_path / "a.ipynb"))


def test_cells_and_what_they_printed(tmp_path: Path) -> None:
    outputs = [
        {"output_type": "stream", "text": ["\x1b[31mred\x1b[0m\n"]},
        {
            "output_type": "execute_result",
            "data": {"text/html": "<table><tr><td>9</td></tr></table>", "text/plain": "x"},
        },
        {"output_type": "display_data", "data": {"image/png": "AAAA", "text/plain": "<Figure>"}},
        {"output_type": "error", "ename": "ValueError", "evalue": "too deep", "traceback": []},
    ]
    loaded = read(
        tmp_path,
        {
            "metadata": {"language_info": {"name": "python"}},
            "cells": [
                {"cell_type": "markdown", "source": ["words\n", "\n", "# Ports\n", "The harbour"]},
                {"cell_type": "code", "source": "# no heading\nprint()", "outputs": outputs},
            ],
        },
    )
    (page,) = loaded.pages
    assert loaded.title == "Ports"
    assert loaded.metadata == {"language": "python"}
    assert [(heading.text, page.text[heading.start :][:7]) for heading in page.headings] == [("Ports", "# Ports")]
    assert [anchor.name for anchor in page.anchors] == ["cell 1", "cell 2"]
    assert page.text[page.anchors[1].start :].startswith("```python\n# no heading")
    for kept in ("\nred\n", "| 9 |", "<Figure>", "ValueError: too deep"):
        assert kept in page.text
    assert "AAAA" not in page.text


def test_old_notebooks(tmp_path: Path) -> None:
    cells = [{"cell_type": "heading", "level": 2, "source": "Ports"}, {"cell_type": "code", "input": "1 + 1"}]
    page = read(tmp_path, {"nbformat": 3, "worksheets": [{"cells": cells}]}).pages[0]
    assert page.text == "## Ports\n\n```\n1 + 1\n```"


def test_a_fence_in_a_cell_stays_inside(tmp_path: Path) -> None:
    page = read(tmp_path, {"cells": [{"cell_type": "code", "source": "```\nx\n```"}]}).pages[0]
    assert page.text == "````\n```\nx\n```\n````"


@pytest.mark.parametrize(
    "cell", [{"cell_type": "code", "source": "harbour", "outputs": [None, {"data": []}, {"text": 3}]}]
)
def test_odd_cells_do_no_harm(tmp_path: Path, cell: dict[str, Any]) -> None:
    assert "harbour" in read(tmp_path, {"cells": [cell, 3, {"cell_type": None}], "metadata": None}).pages[0].text
