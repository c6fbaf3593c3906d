"""The page of tools in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.end_to_end.test_browser_quality import button, serious

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def page(browser, address: str) -> Iterator:
    """The page of tools on a telephone."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    opened.goto(f"{address.rstrip('/')}/tools")
    yield opened
    context.close()


def test_a_tool_is_made_on_the_page_and_axe_finds_nothing_serious(page, output) -> None:
    page.locator(".st-key-tools h1").wait_for()
    page.get_by_text("Make a tool").click()
    for label, words in (
        ("Name", "shout"),
        ("What it does", "Writes a text in capital letters."),
        ("Name of parameter 1", "text"),
        ("What parameter 1 is", "Any text."),
        ("A value to try parameter 1 with", "hello"),
    ):
        page.get_by_label(label, exact=True).fill(words)
        page.get_by_label(label, exact=True).blur()
    page.get_by_role("textbox", name="Code").fill("text.upper()")
    page.get_by_role("textbox", name="Code").blur()
    button(page, "Try it").click()
    page.locator(".st-key-tool-result").get_by_text("HELLO").wait_for()
    button(page, "Save").click()
    page.locator(".st-key-tool-shout").wait_for()
    page.screenshot(path=output / "tools.png", full_page=True)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.reload()
        page.locator(".st-key-tool-shout").wait_for()
        assert serious(page) == []
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(wide)
