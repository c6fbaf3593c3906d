"""Searching the web and reading its pages, over fakes; the real ones are tested with their adapters."""

from __future__ import annotations

import pytest

from basicchat.core.errors import FetchFailed, InvalidInput, ProviderUnavailable
from basicchat.core.tools import Source, Sources, WebPage, WebResult
from basicchat.testing.tools import MemoryPages, ScriptedSearch, toolkit

ARTICLE = """<html><head><title>Ferries</title></head><body><nav><a href="/">Home</a> <a href="/x">More</a></nav>
<article><h1>Ferries</h1><p>The ferry to Oban leaves at seven in the morning, from the old pier beside the market.</p>
<p>Dogs travel free of charge, and bicycles cost three pounds each, paid on board to the mate.</p></article>
<script>alert(1)</script><footer>Cookies and advertisements</footer></body></html>"""


def test_results_come_with_their_addresses(run) -> None:
    search = ScriptedSearch([WebResult("Ferries", "https://example.org/", "Leaves at seven.")])
    (part,) = run("web_search", toolkit(search=search), query="  ferry \n oban ").parts
    assert part == Sources((Source("Ferries", "Leaves at seven.", address="https://example.org/"),))
    assert search.asked == ["ferry oban"]


def test_a_search_that_failed_is_told_and_nothing_is_made_up(run) -> None:
    search = ScriptedSearch(error=ProviderUnavailable("No search engine answers.", provider="scripted"))
    with pytest.raises(ProviderUnavailable, match="No search engine answers"):
        run("web_search", toolkit(search=search), query="x")


@pytest.mark.parametrize("query", ["", "  ", "x" * 401])
def test_a_query_that_makes_no_sense_goes_nowhere(run, query: str) -> None:
    search = ScriptedSearch()
    with pytest.raises(InvalidInput):
        run("web_search", toolkit(search=search), query=query)
    assert search.asked == []


def test_a_page_becomes_its_article(run, say) -> None:
    kit = toolkit(pages=MemoryPages({"https://a.example/": WebPage("https://a.example/x", "text/html", ARTICLE)}))
    text = say("web_page", kit, address=" https://a.example/ ")
    assert "leaves at seven" in text
    assert "Dogs travel free" in text
    assert "alert" not in text
    assert "advertisements" not in text
    assert run("web_page", kit, address="https://a.example/").parts[1] == Sources(
        (Source("Ferries", address="https://a.example/x"),)
    )


def test_plain_text_stays_as_it_is(say) -> None:
    kit = toolkit(pages=MemoryPages({"https://a.example/": WebPage("https://a.example/", "text/plain", "one\ntwo")}))
    assert say("web_page", kit, address="https://a.example/").startswith("one\ntwo\n")


@pytest.mark.parametrize("markup", ["", "<html></html>", "<" * 10000, "<div>" * 5000, "\0" * 100])
def test_a_page_without_text_is_told(say, markup: str) -> None:
    kit = toolkit(pages=MemoryPages({"https://a.example/": WebPage("https://a.example/", "text/html", markup)}))
    with pytest.raises(InvalidInput, match="no readable text"):
        say("web_page", kit, address="https://a.example/")


def test_a_page_that_cannot_be_fetched_is_told(say) -> None:
    with pytest.raises(FetchFailed):
        say("web_page", address="https://a.example/")
