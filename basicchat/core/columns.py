"""Cells of a table as typed columns that SQL can count with: numbers out of ``$1,200``, dates, totals marked."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from basicchat.core.types import Cell, Table

TOTAL = "_total"
"""The column that says whether a row sums up others, so that a sum can leave it out."""

ROW = "_row"
"""The column that counts the rows of a table from 1, in the order of the file."""

ENOUGH = 0.9
"""The share of filled cells that must be numbers (or dates) for a column of them; the rest keep their text beside."""

Value = bool | int | float | str | date | datetime | None
"""What a column holds."""

_ABSENT = frozenset({"", "-", "--", "\u2013", "\u2014", "n/a", "na", "n.a.", "null", "none", "nil", "."})
_CURRENCY = re.compile(r"(?:\b(?:usd|eur|gbp|chf|jpy|cad|aud)\b|us\$|[$\u20ac\u00a3\u00a5])", re.IGNORECASE)
_PLAIN = re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+")
_THOUSANDS = re.compile(r"\d{1,3}(?:[,' \u00a0\u202f]\d{3})+(?:\.\d+)?")
_COMMA = re.compile(r"(?:\d{1,3}(?:[.' \u00a0\u202f]\d{3})+|\d+),\d+")
_COMMA_WHOLE = re.compile(r"\d{1,3}(?:\.\d{3})+")
_TOTAL = re.compile(
    r"(?:(?:sub|grand|net|overall)[ -]?totals?|totals?|zwischensumme|gesamtsumme|summe|gesamt|insgesamt|somme|"
    r"sous-total|totale|suma|razem|\u0438\u0442\u043e\u0433\u043e|\u0432\u0441\u0435\u0433\u043e)\b|sum:?$|"
    r"\u5408\u8a08|\u5408\u8ba1|\u5c0f\u8ba1|\u603b\u8ba1",
    re.IGNORECASE,
)
_ISO_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}$")
_ISO_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?$")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})$")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})$")


@dataclass(frozen=True)
class Column:
    """A column by a name that needs no quotes, and its values.

    ``kind`` is the SQL type: BIGINT, DOUBLE, DATE, TIMESTAMP, BOOLEAN or VARCHAR.
    """

    name: str
    kind: str
    values: tuple[Value, ...]


def columns_of(table: Table, *, reserved: frozenset[str] = frozenset()) -> list[Column]:
    """The typed columns of a table, with `ROW` and `TOTAL` in front.

    A column of numbers or dates that were written as text is followed by its text (``revenue``, ``revenue_text``)
    unless the text says no more than the number. ``reserved`` are words that no column may be called.
    """
    count = len(table.rows)
    found = [
        Column(ROW, "BIGINT", tuple(range(1, count + 1))),
        Column(TOTAL, "BOOLEAN", tuple(is_total(row) for row in table.rows)),
    ]
    taken = {ROW, TOTAL}
    for at, title in enumerate(table.columns):
        cells = [row[at] for row in table.rows]
        name = _free(safe_name(title, at, reserved), taken)
        kind, values = typed(cells)
        found.append(Column(name, kind, tuple(values)))
        if kind not in {"VARCHAR", "BOOLEAN"} and _says_more(cells, values):
            texts = tuple(None if cell is None else str(cell) for cell in cells)
            found.append(Column(_free(f"{name}_text", taken), "VARCHAR", texts))
    return found


def safe_name(title: str, at: int, reserved: frozenset[str] = frozenset()) -> str:
    """A name of small letters, digits and underscores: ``Net Sales ($)`` is ``net_sales``; ``2019`` is ``c_2019``."""
    name = re.sub(r"\W+", "_", title.casefold()).strip("_")[:60].strip("_")
    name = name or f"column_{at + 1}"
    if name[0].isdigit():
        name = f"c_{name}"
    return f"{name}_" if name in reserved else name


def _free(name: str, taken: set[str]) -> str:
    chosen, again = name, 2
    while chosen in taken:
        chosen, again = f"{name}_{again}", again + 1
    taken.add(chosen)
    return chosen


def is_total(row: Sequence[Cell]) -> bool:
    """Whether one of the first two texts of a row says that it sums up others, and it has a number to say so of."""
    texts = [cell.strip() for cell in row if isinstance(cell, str) and cell.strip()]
    labels = [text for text in texts if not _is_number(text)][:2]
    numbers = any(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in row)
    return any(_TOTAL.match(label) for label in labels) and (numbers or len(labels) < len(texts))


def typed(cells: Sequence[Cell]) -> tuple[str, list[Value]]:
    """The SQL type that fits the cells, and the cells in it; what does not fit becomes None, see `ENOUGH`."""
    filled = [cell for cell in cells if not _absent(cell)]
    if not filled:
        return "VARCHAR", [None if cell is None else str(cell) for cell in cells]
    if all(isinstance(cell, bool) for cell in filled):
        return "BOOLEAN", [cell if isinstance(cell, bool) else None for cell in cells]
    for kind, read in (*_readers(filled),):
        values = [None if _absent(cell) else read(cell) for cell in cells]
        if sum(value is not None for value in values) >= ENOUGH * len(filled):
            return ("BIGINT", _whole(values)) if kind == "DOUBLE" and _all_whole(values) else (kind, values)
    return "VARCHAR", [None if cell is None else str(cell) for cell in cells]


def _all_whole(values: Sequence[Value]) -> bool:
    numbers = [value for value in values if isinstance(value, int | float)]
    return all(float(number).is_integer() and abs(number) < 2**53 for number in numbers)


def _whole(values: Sequence[Value]) -> list[Value]:
    return [int(value) if isinstance(value, float) else value for value in values]


def _absent(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and cell.strip().casefold() in _ABSENT)


def _readers(filled: Sequence[Cell]) -> list[tuple[str, Callable[[Cell], Value]]]:
    texts = [cell.strip() for cell in filled if isinstance(cell, str)]
    if any(re.match(r"0\d", text) and not re.match(r"0\d?[./]\d", text) for text in texts):
        return []  # identities such as 00123, which would lose their zeros
    comma = any(_COMMA.fullmatch(_bare(text)[0]) and not _THOUSANDS.fullmatch(_bare(text)[0]) for text in texts)
    return [
        ("DOUBLE", lambda cell: number_of(cell, comma=comma)),
        ("DATE", lambda cell: _date(cell, day_first=_day_first(texts))),
        ("TIMESTAMP", _time),
    ]


def number_of(cell: Cell, *, comma: bool = False) -> int | float | None:
    """The number that a cell says, with currency, thousands, ``(1,200)`` for a negative one, ``12%`` as 12.

    ``comma`` reads ``1.234,5`` as 1234.5. None for what is no number.
    """
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float):
        return cell
    text, negative = _bare(cell)
    if comma and (_COMMA.fullmatch(text) or _COMMA_WHOLE.fullmatch(text)):
        text = text.replace(".", "").replace(",", ".")
    elif not (_PLAIN.fullmatch(text) or _THOUSANDS.fullmatch(text)):
        return None
    value = float(re.sub(r"[,'\s]", "", text))
    value = -value if negative else value
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _bare(text: str) -> tuple[str, bool]:
    """A number without its currency, percent sign and sign, and whether it is negative."""
    text = _CURRENCY.sub("", text).strip()
    inner = re.fullmatch(r"\((.*)\)", text)
    text = (inner[1] if inner else text).strip().removesuffix("%").strip()
    negative = bool(inner) or text.startswith(("-", "\u2212")) or (text.endswith("-") and len(text) > 1)
    return text.strip("-+\u2212 "), negative


def _is_number(text: str) -> bool:
    return number_of(text) is not None


def _day_first(texts: Sequence[str]) -> bool | None:
    """Whether 3/4/2024 is in April; None where nothing in the column tells."""
    pairs = [(int(match[1]), int(match[2])) for text in texts if (match := _SLASHED.match(text))]
    if any(first > 12 for first, _ in pairs):
        return True
    return False if any(second > 12 for _, second in pairs) else None


def _date(cell: Cell, *, day_first: bool | None) -> date | None:
    if not isinstance(cell, str):
        return None
    text = cell.strip()
    try:
        if _ISO_DATE.match(text):
            year, month, day = map(int, text.split("-"))
        elif dotted := _DOTTED.match(text):
            day, month, year = map(int, dotted.groups())
        elif (slashed := _SLASHED.match(text)) and day_first is not None:
            first, second, year = map(int, slashed.groups())
            day, month = (first, second) if day_first else (second, first)
        else:
            return None
        return date(year, month, day)
    except ValueError:
        return None


def _time(cell: Cell) -> datetime | None:
    if not isinstance(cell, str):
        return None
    text = cell.strip()
    try:
        if _ISO_DATE.match(text):
            text += " 00:00"
        return datetime.fromisoformat(text) if _ISO_TIME.match(text) else None
    except ValueError:
        return None


def _says_more(cells: Sequence[Cell], values: Sequence[Value]) -> bool:
    """Whether a text would be lost that is not simply the value."""
    return any(
        isinstance(cell, str) and not _absent(cell) and cell.strip() not in {str(value), f"{value}.0"}
        for cell, value in zip(cells, values, strict=True)
    )
