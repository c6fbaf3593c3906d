"""Reports as texts: nothing in them is markup, a picture or a link of a document's."""

from __future__ import annotations

import re

from basicchat.core.research import Report, Section
from basicchat.core.types import Citation
from basicchat.service.reports import html, markdown

EVIL = "<script>alert(1)</script> [x](http://evil.example) ![y](http://evil.example/p.png) <b>"
REPORT = Report(
    question="How high are the towers?",
    summary="The tower is 330 metres tall [1].",
    sections=(
        Section("How tall is it?", "written", f"It is 330 metres tall [1].\n\n{EVIL} [2]", checked=2, supported=1),
        Section("Which enzyme?", "silent", "The documents do not say.", nearest=(2,)),
    ),
    citations=(
        Citation(1, "d", "paris.txt", "Paris", 3, 0, 5, f"330 metres {EVIL}"),
        Citation(2, "", "https://example.org/x", "A page", 1, 0, 5, "said"),
    ),
    limits=("1 of 2 documents were read.",),
    documents=2,
    unresolved=(1,),
)


def test_markdown_has_contents_limits_and_sources() -> None:
    text = markdown(REPORT)
    for head in ("## Contents", "## Summary", "## How tall is it?", "## Limits", "## Sources"):
        assert head in text.splitlines()
    assert "- [How tall is it?](#how-tall-is-it)" in text
    assert "1. Paris, page 3 (changed or gone since)" in text
    assert "Nearest: [2]" in text
    assert "330 metres tall [1]." in text


def test_nothing_of_a_document_is_markup_in_markdown() -> None:
    text = markdown(REPORT)
    assert not re.search(r"(?<!\\)<script", text)
    assert not re.search(r"(?<!\\)\]\(http", text)
    assert not re.search(r"(?<!\\)!\[", text)
    assert "`https://example.org/x`" in text  # an address is code, so that no viewer makes a link of it


def test_nothing_of_a_document_is_markup_in_html() -> None:
    page = html(REPORT)
    assert "<script" not in page
    assert 'href="http' not in page
    assert "<img" not in page
    assert set(re.findall(r'href="#source-(\d+)"', page)) <= set(re.findall(r'id="source-(\d+)"', page))
    assert set(re.findall(r'href="#part-(\d+)"', page)) == set(re.findall(r'id="part-(\d+)"', page))
