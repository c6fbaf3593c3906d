from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.adapters.load.table import TableLoader, delimiter_of, read_rows, render_rows
from basicchat.core.errors import UnreadableDocument


def render(text: str) -> tuple[list[str], list[str]]:
    warnings: list[str] = []
    return list(render_rows(read_rows(text), warnings)), warnings


def test_every_row_can_be_understood_alone() -> None:
    rows, warnings = render('name,built,length\nVasa,1628,69\n"Cutty Sark, the",1869,\n')
    assert rows == ["name: Vasa\nbuilt: 1628\nlength: 69", "name: Cutty Sark, the\nbuilt: 1869"]
    assert not warnings


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_separators(delimiter: str) -> None:
    text = "\n".join(delimiter.join(row) for row in (["name", "note"], ["Vasa", "sank"], ["Mary", "rose"]))
    assert delimiter_of(text) == delimiter
    assert render(text)[0][0] == "name: Vasa\nnote: sank"


def test_decimal_commas_do_not_mislead() -> None:
    assert render("name;length\nVasa;69,5\nMary;45,1\n")[0][0] == "name: Vasa\nlength: 69,5"


def test_a_first_row_of_numbers_is_data() -> None:
    assert render("1,2\n3,4\n")[0] == ["column 1: 1\ncolumn 2: 2", "column 1: 3\ncolumn 2: 4"]


def test_uneven_rows_are_told() -> None:
    rows, warnings = render("a,b\n1\n1,2,3\n")
    assert rows == ["a: 1", "a: 1\nb: 2\ncolumn 3: 3"]
    assert warnings == ["2 rows have more or fewer cells than the first row."]


def test_a_header_alone() -> None:
    assert render("name,year\n")[0] == ["name, year"]


def test_a_quote_without_end(tmp_path: Path) -> None:
    path = tmp_path / "open.csv"
    path.write_text('a,b\n1,"' + "x" * 2_000_000)
    with pytest.raises(UnreadableDocument, match="line"):
        list(TableLoader().load(path))


@given(st.lists(st.lists(st.text(max_size=12), max_size=5), max_size=6))
def test_any_table_can_be_read(table: list[list[str]]) -> None:
    text = "\n".join(",".join(row) for row in table).replace("\0", "")
    words = "".join(render(text)[0])
    for cell in ("".join(row) for row in table if row == ["x"]):
        assert cell in words


def test_rows_know_their_place_and_are_kept_as_a_table(tmp_path: Path) -> None:
    path = tmp_path / "ships.csv"
    path.write_text("name,built\n" + "".join(f"Ship {n},{1600 + n}\n" for n in range(60)), encoding="utf-8")
    (loaded,) = TableLoader().load(path)
    (page,) = loaded.pages
    assert page.anchors[0].name.startswith("rows 2-")
    assert page.anchors[-1].name.endswith("-61")
    assert page.text[page.anchors[1].start :].startswith("name: Ship ")
    (table,) = loaded.tables
    assert (table.name, table.columns, len(table.rows)) == ("ships", ("name", "built"), 60)


def test_a_long_table_comes_in_parts(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("name,built\n" + "".join(f"Ship {n},{n}\n" for n in range(5000)), encoding="utf-8")
    (loaded,) = TableLoader().load(path)
    assert [page.label for page in loaded.pages][:2] == ["Part 1", "Part 2"]
    assert all(page.anchors for page in loaded.pages)
