from __future__ import annotations

from pathlib import Path

import pytest

from basicchat.adapters.load.html import HtmlLoader
from basicchat.core.errors import UnreadableDocument


def read(tmp_path: Path, data: bytes, name: str = "page.html"):
    (tmp_path / name).write_bytes(data)
    return next(HtmlLoader().load(tmp_path / name))


def test_words_stay_and_machinery_goes(tmp_path: Path) -> None:
    loaded = read(
        tmp_path,
        b"""<!doctype html><html><head><title> Ports  of call </title><style>p{}</style></head><body>
        <nav>Menu</nav><script>alert(1)</script><h1>Ports</h1><p hidden>secret</p><p>The <a href="http://x">harbour</a>.
        <img src="data:image/png;base64,AAAA" alt="x"></p><h2>Ships</h2>
        <table><tr><th>Name</th><th>Year</th></tr><tr><td>Vasa</td><td>1628</td></tr></table></body></html>""",
    )
    text = loaded.pages[0].text
    assert loaded.title == "Ports of call"
    assert [(h.level, h.text) for h in loaded.pages[0].headings] == [(1, "Ports"), (2, "Ships")]
    assert "The harbour." in text
    assert "| Vasa | 1628 |" in text
    for gone in ("Menu", "alert", "secret", "base64", "http://x", "p{}"):
        assert gone not in text


@pytest.mark.parametrize(
    "data",
    [
        '<meta charset="cp1251"><p>Привет, мир</p>'.encode("cp1251"),
        '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251"><p>Привет, мир</p>'.encode("cp1251"),
        "<p>Привет, мир</p>".encode("utf-16"),
        "<p>Привет, мир</p>".encode(),
    ],
)
def test_encodings(tmp_path: Path, data: bytes) -> None:
    assert read(tmp_path, data).pages[0].text == "Привет, мир"


def test_without_a_title_the_heading_then_the_name(tmp_path: Path) -> None:
    assert read(tmp_path, b"<h1>Ports</h1>").title == "Ports"
    assert read(tmp_path, b"<p>text</p>", "notes.html").title == "notes"


def test_nested_beyond_reason(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="nested"):
        read(tmp_path, b"<div>" * 20_000 + b"deep")


def test_cells_that_span_others_stand_in_each(tmp_path: Path) -> None:
    table = (
        b"<table><tr><th>Ship</th><th colspan=2>Hours</th></tr><tr><td rowspan=2>Vasa</td><td>9</td><td>10</td></tr>"
        b"<tr><td>11</td><td rowspan='x'>12</td></tr></table>"
    )
    text = read(tmp_path, table).pages[0].text
    assert "| Ship | Hours | Hours |" in text
    assert "| Vasa | 11 | 12 |" in text


def test_spans_beyond_reason_cost_little(tmp_path: Path) -> None:
    row = b"<tr>" + b"<td colspan=999999999 rowspan=999999999>x</td>" * 50 + b"</tr>"
    assert len(read(tmp_path, b"<table>" + row * 3 + b"</table>").pages[0].text) < 50_000


def test_pictures_are_read_by_their_words_and_declarations_are_not(tmp_path: Path) -> None:
    data = b'<?xml version="1.0"?><!DOCTYPE html><html><p>See <img alt="the harbour" src="a.png"></p></html>'
    assert read(tmp_path, data).pages[0].text.split() == ["See", "the", "harbour"]


def test_a_long_page_is_in_parts(tmp_path: Path) -> None:
    pages = read(tmp_path, b"<h1>Ports</h1>" + b"<p>The harbour is open today.</p>" * 3_000).pages
    assert [page.label for page in pages][:2] == ["Part 1", "Part 2"]


@pytest.mark.parametrize("section", [b"<![CDAT[x]]>", b"<![<x", b"<![if !x]>y<![endif]>", b"<!x", b"<![CDATA["])
def test_marked_sections_of_any_kind(tmp_path: Path, section: bytes) -> None:
    assert "The harbour" in read(tmp_path, b"<p>The harbour</p>" + section).pages[0].text
