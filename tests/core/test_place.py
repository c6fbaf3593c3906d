from __future__ import annotations

import pytest

from basicchat.core.place import place_of, where
from basicchat.core.types import Anchor, Page


def page(label: str, *anchors: tuple[int, str]) -> Page:
    return Page(1, "x" * 100, label=label, anchors=tuple(Anchor(start, name) for start, name in anchors))


@pytest.mark.parametrize(
    ("given", "span", "place"),
    [
        (page(""), (0, 10), ""),
        (page("Slide 4"), (0, 10), "Slide 4"),
        (page("Sheet Costs", (0, "A2:F9"), (50, "A10:F20")), (0, 40), "Sheet Costs, A2:F9"),
        (page("Sheet Costs", (0, "A2:F9"), (50, "A10:F20")), (10, 60), "Sheet Costs, A2:F20"),
        (page("", (0, "1:30"), (40, "2:10"), (80, "2:45")), (10, 60), "1:30-2:10"),
        (page("", (0, "1:30"), (40, "2:10")), (40, 60), "2:10"),
        (page("", (0, "line 1"), (40, "line 9")), (0, 60), "lines 1-9"),
        (page("", (0, "cell 1"), (40, "cell 2")), (0, 60), "cells 1-2"),
        (page("", (0, "line 1"), (40, "cell 2")), (0, 60), "line 1 - cell 2"),
        (page("", (0, "rows 2-9"), (40, "rows 10-19")), (0, 60), "rows 2-19"),
        (page("", (0, "row 2"), (40, "row 3")), (0, 60), "rows 2-3"),
        (page("Part 2", (30, "B2")), (0, 20), "Part 2"),
    ],
)
def test_a_place_is_named_as_people_name_it(given: Page, span: tuple[int, int], place: str) -> None:
    assert place_of(given, *span) == place


def test_without_a_name_the_page_counts() -> None:
    assert (where("", 3), where("Slide 3", 3)) == ("page 3", "Slide 3")
