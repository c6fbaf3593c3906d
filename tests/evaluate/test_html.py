"""The page about runs: whole, without script or address, and safe whatever a set or an answer says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from basicchat.evaluate.html import badness, render
from basicchat.evaluate.rows import Row

GOOD = Row("1", "How long?", ("g",), True, (("twelve",),), ("g",), 0.5, answer="twelve", confidence=0.9)
BAD = replace(GOOD, id="2", question="Who?", ranking=("a",), answer="nobody", confidence=0.4)
NASTY = '<script src="//x.example/x.js">\x1b[2J\u202e</script>&"\'><img src=x onerror=alert(1)>'
PLAIN = "html head meta title style body h1 h2 p small ul li span table thead tbody tr th td"
TAGS = frozenset([*PLAIN.split(), "svg", "path", "text", "rect", "polyline"])


class Tags(HTMLParser):
    """Collects tags and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags(page: str) -> Iterator[tuple[str, dict[str, str | None]]]:
    parser = Tags()
    parser.feed(page)
    yield from parser.found


def test_what_the_page_tells() -> None:
    page = render([("before", [GOOD, BAD]), ("after", [GOOD, replace(BAD, answer="twelve")])])
    for said in ("before: 2 questions", "Finding", "Answering", "hit@1", "Confidence", "Went worst: before", "Who?"):
        assert said in page
    assert page.count("<svg") == 4
    assert "0.500 (0.000 to 1.000; 2)" in page


def test_text_is_escaped_and_nothing_is_loaded() -> None:
    nasty = Row(NASTY, NASTY, (NASTY,), True, ((NASTY,),), ("a",), 0.1, answer=NASTY, trap=NASTY, group=NASTY)
    page = render([(NASTY, [nasty])])
    assert {tag for tag, _ in tags(page)} <= TAGS
    assert not any(name.startswith("on") or name in ("src", "href") for _, given in tags(page) for name in given)
    assert not re.search(r"https?://|url\(|@import", page)
    assert "\x1b" not in page
    assert "\u202e" not in page


@settings(deadline=None, max_examples=30)
@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_makes_a_page_that_can_be_written(question: str, answer: str) -> None:
    page = render([("run", [replace(BAD, question=question, answer=answer)])])
    page.encode("utf-8")
    assert {tag for tag, _ in tags(page)} <= TAGS


def test_the_worst_come_first_and_the_good_not_at_all() -> None:
    page = render([("run", [GOOD, BAD, replace(BAD, id="3", question="Middling?", ranking=("a", "g"))])])
    listed = page[page.index("Went worst") :]
    assert listed.index("Who?") < listed.index("Middling?")
    assert "How long?" not in listed
    assert badness(GOOD) == 0
    assert "Went worst" not in render([("run", [BAD])], worst=0)


def test_a_run_of_searches_has_no_part_about_answers() -> None:
    page = render([("run", [replace(GOOD, answer=None, confidence=None)])])
    assert "Answering" not in page
    assert "Confidence" not in page
