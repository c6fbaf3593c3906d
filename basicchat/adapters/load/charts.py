"""Charts and drawn diagrams of Office documents: the words and numbers that they show."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from basicchat.adapters.load.cells import shown
from basicchat.adapters.load.compose import Composer, Rows
from basicchat.adapters.load.package import Package

MAX_POINTS = 10_000
"""Points of a series that are read."""


def write_chart(package: Package, part: str, composer: Composer) -> None:
    """A chart as its title and a table of its categories and series."""
    root = package.xml(part)
    if root is None:
        return
    composer.paragraph(_title(root.find("./chart/title")))
    rows = _rows(root)
    if len(rows) > 1:
        composer.paragraph(f"{_kind(root)}:")
        composer.table(rows, name=_title(root.find("./chart/title")) or "chart", headed=True)


def write_diagram(package: Package, part: str, composer: Composer) -> None:
    """The words of a diagram (SmartArt), one item each."""
    root = package.xml(part)
    for point in root.iter("pt") if root is not None else ():
        composer.item(" ".join(text.text or "" for text in point.iter("t")))


def _title(element: Element | None) -> str:
    if element is None:
        return ""
    return " ".join("".join(part.text or "" for part in element.iter() if part.tag in {"t", "v"}).split())


def _kind(root: Element) -> str:
    plot = root.find("./chart/plotArea")
    names = (child.tag for child in plot if child.tag.endswith("Chart")) if plot is not None else iter(())
    name = next(names, "Chart").removesuffix("Chart").removesuffix("3D")
    return f"{name.capitalize()} chart" if name else "Chart"


def _rows(root: Element) -> Rows:
    series = list(root.iter("ser"))
    names = [_title(each.find("tx")) or f"Series {number}" for number, each in enumerate(series, start=1)]
    categories: dict[int, str] = {}
    columns = []
    for each in series:
        categories = categories or dict(_points(each, ("cat", "xVal")))
        columns.append(dict(_points(each, ("val", "yVal"))))
    last = max((max(points, default=-1) for points in (categories, *columns)), default=-1)
    body = [
        [categories.get(at, str(at + 1)), *(points.get(at, "") for points in columns)]
        for at in range(min(last + 1, MAX_POINTS))
    ]
    return [["", *names], *body]


def _points(series: Element, names: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    for name in names:
        for point in series.findall(f"./{name}//pt"):
            index = point.get("idx", "")
            if index.isdecimal():
                yield int(index), _number(point.findtext("v") or "")


def _number(text: str) -> str:
    try:
        return shown(float(text))
    except ValueError:
        return text
