"""Tables and charts that tools gave, beside the answer that they belong to."""

from __future__ import annotations

import streamlit as st

from basicchat.core.shown import Chart, Exhibit, Rows
from basicchat.ui import charts
from basicchat.ui.components.tables import columns_of
from basicchat.ui.text import plain, shorten

HEIGHT = 320
"""Pixels of a table; a longer one scrolls."""


def show(exhibit: Exhibit, *, key: str) -> None:
    """Draw it. A chart stands with its words, and its numbers are a click away."""
    with st.container(key=f"exhibit-{key}", gap="small"):
        if isinstance(exhibit, Chart):
            if exhibit.title:
                st.markdown(f"**{plain(shorten(exhibit.title, 120))}**")
            st.vega_lite_chart(spec=charts.vega_lite(exhibit), alt=charts.caption(exhibit), key=f"chart-{key}")
            st.caption(plain(shorten(charts.caption(exhibit), 200)))
            with st.expander("The numbers", key=f"numbers-{key}", type="compact"):
                _table(Rows(exhibit.columns, exhibit.rows), alt=charts.caption(exhibit))
        else:
            _table(exhibit, alt="What the tool gave")


def _table(rows: Rows, *, alt: str) -> None:
    st.dataframe(
        columns_of(rows),
        hide_index=True,
        placeholder="",
        alt=alt,
        height=min(36 * (len(rows.rows) + 1), HEIGHT),
    )
