"""The tables of a document, as they were read: to look up what a passage says."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from basicchat.core.shown import Rows
from basicchat.core.types import Document, Table, TableInfo
from basicchat.ui import render, state
from basicchat.ui.text import plain, shorten

ROWS = 50
"""Rows of a table shown here."""
SHOWN = 10
"""Tables of a page shown at once."""
NAMED = 12
"""Other pages with tables called by number."""


def show(document: Document, *, page: int) -> None:
    """The tables of a page, closed until wanted, and where the others are. Nothing where there are none."""
    infos = state.assistant().tables.describe(document_ids=[document.id])
    if not infos:
        return
    here = [info for info in infos if info.page == page]
    if not here:
        _others(infos, here, page)
        return
    name = f"{render.count(len(here), 'table')} on this page".capitalize() if document.page_count > 1 else "Tables"
    opened = st.expander(name, icon=":material/table:", key=f"tables-of-{document.id}", on_change="rerun")
    if not opened.open:
        return
    with opened:
        for info in here[:SHOWN]:
            _table(info)
        _others(infos, here, page)


def _table(info: TableInfo) -> None:
    table = state.assistant().tables.query(f'select * from "{info.sql_name}" order by _row limit {ROWS}')  # noqa: S608  the name is ours
    where = f" · {plain(info.place)}" if info.place else ""
    st.markdown(f"**{plain(shorten(info.title, 80))}**{where} · {render.count(info.row_count, 'row')}")
    st.dataframe(
        columns_of(table),
        hide_index=True,
        placeholder="",
        alt=f"Table {info.title}",
        height=min(36 * (len(table.rows) + 1), 400),
    )
    if info.row_count > ROWS:
        st.caption(f"The first {ROWS} rows.")


def columns_of(table: Table | Rows) -> dict[str, list[object]]:
    """The cells by column; names that come twice are told apart, and columns of mixed kinds become text.

    Columns whose names begin with an underscore are the index's own and are left out.
    """
    columns: dict[str, list[object]] = {}
    for place, name in enumerate(table.columns):
        if name.startswith("_"):
            continue
        cells: list[object] = [row[place] for row in table.rows]
        kinds = {type(cell) for cell in cells if cell is not None}
        if len(kinds) > 1 and not kinds <= {int, float}:
            cells = [None if cell is None else str(cell) for cell in cells]
        columns[name if name not in columns else f"{name} ({place + 1})"] = cells
    return columns


def _others(infos: Sequence[TableInfo], here: Sequence[TableInfo], page: int) -> None:
    if len(here) > SHOWN:
        st.caption(f"and {render.count(len(here) - SHOWN, 'table')} more on this page")
    pages = sorted({info.page for info in infos} - {page})
    if pages:
        named = ", ".join(f"{number:,}" for number in pages[:NAMED]) + (" and more" if len(pages) > NAMED else "")
        st.caption(f"Tables are also on {'page' if len(pages) == 1 else 'pages'} {named}.")
