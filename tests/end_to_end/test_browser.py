"""The main job in a real browser: from a file to a citation that opens its page."""

from __future__ import annotations

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
PATIENCE = 60_000
CHIP = 'a[href^="#source-"][role="button"]'  # labelled, so the page listens to it


@pytest.fixture
def open_page(browser, address):
    """Opens the page in a fresh context; fails on script errors and on any address outside this machine."""
    contexts, troubles = [], []

    def note_request(request) -> None:
        if not re.match(r"(https?|wss?)://(localhost|127\.0\.0\.1)[:/]|data:|blob:", request.url):
            troubles.append(f"asked for {request.url}")

    def open_(path: str = "/", *, size=WIDE, scheme: str = "light"):
        context = browser.new_context(
            viewport=size, color_scheme=scheme, is_mobile=size is PHONE, has_touch=size is PHONE
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("request", note_request)
        page.on("pageerror", lambda error: troubles.append(f"script error: {error}"))
        page.goto(address + path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture(scope="module")
def asked(browser, address, guide) -> str:
    """The address of a conversation about the guide, asked through the page."""
    page = browser.new_page(viewport=WIDE)
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    page.locator('input[type="file"]').first.set_input_files(guide)
    page.get_by_role("button", name="What leaves this machine?").wait_for()
    ask(page, "What leaves this machine?")
    page.locator('[class*="st-key-sources-"] button').first.wait_for()
    page.wait_for_url("**chat=*")
    url = page.url
    page.close()
    return url.removeprefix(address)


def ask(page, question: str) -> None:
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(question)
    box.press("Enter")


def settled(page) -> None:
    """Wait until nothing is being written."""
    page.locator(".st-key-live-answer").wait_for(state="detached")
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()


def test_from_a_file_to_the_page_a_citation_points_to(asked, open_page, output):
    page = open_page(asked)
    page.get_by_text("Nothing leaves this machine").first.wait_for()
    page.screenshot(path=output / "answer.png")
    page.locator(CHIP).first.click()
    picture = page.locator(".sheet img")
    picture.wait_for()
    page.locator(".sheet .mark").first.wait_for()
    assert picture.evaluate("image => image.naturalWidth") > 500
    assert page.locator(".sheet .mark").first.bounding_box()["height"] > 4
    page.screenshot(path=output / "source.png")
    page.keyboard.press("Escape")
    page.locator(".st-key-source-pane").wait_for(state="detached")


def test_a_chip_pressed_before_the_page_listens_is_not_lost(asked, open_page):
    turn = open_page(asked).locator(CHIP).first.get_attribute("href")
    page = open_page(asked + turn)
    page.locator(".sheet .mark").first.wait_for()
    page.wait_for_function("location.hash === ''")


def test_on_a_phone_the_source_is_a_sheet_and_nothing_scrolls_sideways(asked, open_page, output):
    page = open_page(asked, size=PHONE, scheme="dark")
    page.locator(CHIP).first.tap()
    page.locator(".sheet .mark").first.wait_for()
    page.screenshot(path=output / "phone-source.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("width", [320, 360])
@pytest.mark.parametrize("path", ["/", "/library", "/status", "/settings"])
def test_narrow_pages_do_not_scroll_sideways(asked, open_page, width, path):
    page = open_page(path, size={"width": width, "height": 700})
    page.locator("h1").first.wait_for()
    # Parts that are still being laid out may stick out for a moment; what stays so is a fault.
    page.wait_for_function(
        """width => {
            const main = document.querySelector('[data-testid="stMain"]');
            return document.documentElement.scrollWidth <= width && main.scrollWidth - main.clientWidth <= 1;
        }""",
        arg=width,
        timeout=5000,
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["chat", "/library", "/status", "/settings"])
def test_axe_finds_nothing_serious(asked, open_page, path, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = open_page(asked if path == "chat" else path, scheme=scheme)
    page.locator("h1, [class*='st-key-sources-']").first.wait_for()
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    page.wait_for_function("document.getAnimations().every(one => one.playState !== 'running')")
    found = axe.Axe().run(page).response["violations"]
    serious = {
        f"{one['id']}: {node['html'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    }
    assert serious == set()


def test_keys_reach_the_box_and_a_new_chat(asked, open_page):
    page = open_page(asked)
    page.locator('a[href^="#source-"][aria-label^="Source"]').first.wait_for()  # the script is there
    page.get_by_test_id("stChatInputTextArea").wait_for()  # and what the key is to reach
    settled(page)
    page.keyboard.press("/")
    page.locator('[data-testid="stChatInputTextArea"]:focus').wait_for()
    page.keyboard.press("Control+Shift+O")
    page.get_by_role("heading", name="Ask your documents").wait_for()


def test_a_reload_comes_back_to_the_conversation(asked, open_page):
    page = open_page(asked)
    page.locator('[class*="st-key-sources-"]').first.wait_for()
    page.reload()
    page.locator('[class*="st-key-sources-"]').first.wait_for()


def test_what_is_said_reaches_screen_readers_and_html_stays_text(asked, open_page):
    page = open_page(asked)
    region = page.locator("#basicchat-announcer")
    region.wait_for(state="attached")
    assert region.get_attribute("aria-live") == "polite"
    assert region.locator("p").count() == 0  # what was answered before is not read out again
    ask(page, "What leaves this machine?")
    region.get_by_text("Nothing leaves this machine").wait_for(state="attached")
    ask(page, "Who won the cup of 1954?")
    region.get_by_text("Your documents do not say").wait_for(state="attached")
    settled(page)
    ask(page, "<img src=x onerror=\"document.title='taken'\"> ![p](http://evil.example/p.png)")
    page.get_by_text("<img src=x").first.wait_for()
    assert page.title() != "taken"
    assert page.locator('[data-testid="stMain"] img[src*="evil"]').count() == 0


def test_how_an_answer_was_made_shows_what_was_typed_as_text(asked, open_page, output):
    page = open_page(asked.partition("?")[0])
    ask(page, "What leaves this machine? <img src=x onerror='window.hit=1'> ![p](http://evil.example/p.png)")
    page.get_by_role("button", name="Trace").wait_for()
    settled(page)
    page.get_by_role("button", name="Trace").click()
    page.get_by_role("heading", name="How this answer was made").wait_for()
    assert page.locator(".waterfall li").count() >= 5
    page.get_by_text("To copy").click()
    page.locator("code").get_by_text("onerror").first.wait_for()
    page.locator('[data-testid="stCode"]').hover()
    page.locator('[data-testid="stCode"] button').wait_for()
    assert page.evaluate("window.hit") is None
    assert page.locator('[data-testid="stMain"] img').count() == 0
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "trace.json"
    page.screenshot(path=output / "trace.png", full_page=True)
    page.reload()
    page.get_by_role("heading", name="How this answer was made").wait_for()
