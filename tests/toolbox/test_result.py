"""Results: within a size, as text, as JSON."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from basicchat.core.tools import Picture, Rows, Source, Sources, Text, ToolResult
from basicchat.toolbox.result import Budget, document_of, limited, text_of

WHOLE = ToolResult(
    (
        Text("Found."),
        Rows(("item", "cost"), (("oak", 1200), ("tar", None)), query="SELECT 1"),
        Picture(b"\x89PNG", "image/png", "a plot"),
        Sources((Source("Ferry", "It leaves at seven.", page=3), Source("Web", address="https://example.org/"))),
    )
)


def test_as_text() -> None:
    assert text_of(WHOLE) == (
        "Found.\nAsked: SELECT 1\nitem | cost\noak | 1200\ntar | \n[picture: a plot]\n"
        "[1] Ferry, page 3\nIt leaves at seven.\n[2] Web, https://example.org/"
    )


def test_nothing_found_is_said() -> None:
    assert text_of(ToolResult((Sources(()), Rows(("a",), ())))) == "Nothing was found.\na\n(no rows)"


def test_as_json() -> None:
    document = json.loads(json.dumps(document_of(WHOLE)))
    assert [part["kind"] for part in document["parts"]] == ["text", "rows", "picture", "sources"]
    assert document["parts"][1]["rows"] == [["oak", 1200], ["tar", None]]
    assert document["parts"][2]["data"] == "iVBORw=="
    assert document["parts"][3]["sources"][0]["page"] == 3
    assert (document["truncated"], document["tainted"]) == (False, False)


def test_what_fits_is_left_alone() -> None:
    assert limited(WHOLE, Budget()) is WHOLE


def test_rows_and_sources_are_left_out_from_the_end() -> None:
    rows = Rows(("n",), tuple((number,) for number in range(100)))
    cut = limited(ToolResult((rows,)), Budget(output_bytes=10))
    assert cut.parts == (Rows(("n",), tuple((number,) for number in range(10))),)
    assert cut.truncated


def test_a_picture_that_is_too_large_is_named() -> None:
    cut = limited(ToolResult((Picture(b"x" * 11, "image/png", "a plot"),)), Budget(picture_bytes=10))
    assert cut.parts == (Text("[a picture that is too large: a plot]"),)


TEXTS = st.text().map(Text)
TABLES = st.lists(st.tuples(st.text())).map(lambda rows: Rows(("a",), tuple(rows)))


@given(st.lists(TEXTS | TABLES))
def test_never_more_than_the_budget(parts: list[Text | Rows]) -> None:
    cut = limited(ToolResult(tuple(parts)), Budget(output_bytes=20))
    size = sum(
        len(part.text.encode("utf-8", "surrogatepass"))
        if isinstance(part, Text)
        else sum(len(" ".join(cell.split()).encode("utf-8", "surrogatepass")) for (cell,) in part.rows)
        for part in cut.parts
    )
    assert size <= 20
    assert cut.truncated or cut.parts == tuple(parts)
