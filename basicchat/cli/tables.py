"""``basicchat tables list|query``."""

from __future__ import annotations

from itertools import groupby

import click

from basicchat.cli import invocation
from basicchat.cli.client import open_client
from basicchat.cli.output import Output, counted, one_line
from basicchat.core.codec import to_json
from basicchat.core.types import Cell, Table, TableInfo

CELL_WIDTH = 40
"""Characters of a cell that a terminal gets; ``--json`` gives all."""


@click.group()
@invocation.common_options
def tables() -> None:
    """Ask the tables of your documents in SQL."""


@tables.command("list")
@click.option("--collection", default=None, help="Only this collection.")
@invocation.common_options
def list_tables(collection: str | None) -> None:
    """List the tables, with the names and columns that a query may use."""
    output = invocation.output()
    with open_client() as client:
        infos = client.tables.describe(collection=collection)
    if output.as_json:
        output.document({"tables": to_json(infos)})
    elif not infos:
        output.note("There are no tables. Add a spreadsheet or a CSV file with: basicchat ingest PATH")
    for document_id, group in groupby(infos, key=lambda info: info.document_id):
        output.say(f"Document {document_id}", bold=True)
        for info in group:
            _say_table(output, info)


def _say_table(output: Output, info: TableInfo) -> None:
    place = f", {info.place}" if info.place else ""
    output.say(f"  {info.sql_name}  {counted(info.row_count, 'row')}  {info.title}{place}")
    output.say("    " + ", ".join(f"{name} {kind}" for name, kind in info.columns), dim=True)


@tables.command()
@click.argument("sql")
@click.option("--limit", default=100, show_default=True, help="Rows at most.")
@invocation.common_options
def query(sql: str, limit: int) -> None:
    """Ask one SELECT. Nothing can be changed, and no file is reached. Write NOT _total to leave totals out."""
    output = invocation.output()
    with open_client() as client:
        result = client.tables.query(sql, limit=limit)
    if output.as_json:
        output.document({"columns": list(result.columns), "rows": to_json(result.rows)})
        return
    for line in _lines(result):
        output.say(line)
    output.note(counted(len(result.rows), "row"))


def _lines(result: Table) -> list[str]:
    rows = [list(result.columns), *([_shown(cell) for cell in row] for row in result.rows)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(result.columns))]
    lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return [lines[0], "  ".join("-" * width for width in widths), *lines[1:]]


def _shown(cell: Cell) -> str:
    return "" if cell is None else one_line(str(cell), CELL_WIDTH)
