"""Asks the tables of the user's spreadsheets in SQL."""

from __future__ import annotations

from typing import Annotated

from basicchat.toolbox import InvalidInput, Rows, Text, Toolkit, tool

MOST_TABLES = 40


@tool(permissions=["read"], version="1", tainted=True, examples=[{}])
def table_sql(
    toolkit: Toolkit,
    sql: Annotated[str, "One SELECT in DuckDB's SQL; empty to see which tables and columns there are."] = "",
    limit: Annotated[int, "Rows at most, 1 to 1000."] = 100,
) -> list[Text | Rows]:
    """Count, sum and compare over the tables of the user's spreadsheets and CSV files, exactly, with one SELECT.
    Nothing can be changed. Ask with empty sql first to see the names of tables and columns.
    """
    if not sql.strip():
        return [Text(described(toolkit))]
    try:
        found = toolkit.tables.query(sql, limit=max(1, min(limit, 1000)), scope=toolkit.scope)
    except InvalidInput as error:
        raise InvalidInput(str(error), hint=described(toolkit)) from error
    return [Rows(found.columns, found.rows, query=sql.strip())]


def described(toolkit: Toolkit) -> str:
    """The tables and their columns in words that a model can write a query from."""
    infos = toolkit.tables.describe(toolkit.scope)
    lines = [
        f'"{info.sql_name}" ({", ".join(f"{name} {kind}" for name, kind in info.columns)}): '
        f"{info.title}, {info.row_count} rows"
        for info in infos[:MOST_TABLES]
    ]
    if len(infos) > MOST_TABLES:
        lines.append(f"... and {len(infos) - MOST_TABLES} more tables")
    return "\n".join(["Tables:", *lines]) if lines else "No document in the library has a table."
