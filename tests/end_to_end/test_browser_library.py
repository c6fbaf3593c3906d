"""The Library page in a real browser: a folder dropped, its batch steered, a document opened and corrected."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from pypdf import PdfWriter

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

WIDE = {"width": 1280, "height": 900}
PATIENCE = 90_000
PASSWORD = "harbour"
RESTING = '[data-testid="stApp"][data-test-script-state="notRunning"]'


@pytest.fixture
def open_page(browser, address):
    """Opens the page in a fresh context; fails on script errors and on any address outside this machine."""
    contexts, troubles = [], []

    def note_request(request) -> None:
        if not re.match(r"(https?|wss?)://(localhost|127\.0\.0\.1)[:/]|data:|blob:", request.url):
            troubles.append(f"asked for {request.url}")

    def open_(path: str = "/library", *, size=WIDE, scheme: str = "light"):
        context = browser.new_context(viewport=size, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("request", note_request)
        page.on("pageerror", lambda error: troubles.append(f"script error: {error}"))
        page.goto(address + path)
        page.locator("h1").first.wait_for()
        return page

    yield open_
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture(scope="module")
def folder(tmp_path_factory, guide) -> Path:
    """Notes, a PDF, one that is locked, one that is broken, and one that nobody can read."""
    made = tmp_path_factory.mktemp("papers")
    for number in range(12):
        text = f"# Minutes {number}\n\n" + f"The harbour committee met for the {number}th time. " * 3000
        (made / f"minutes-{number:02}.md").write_text(text, encoding="utf-8")
    shutil.copy(guide, made / "aa-guide.pdf")
    lock(guide, made / "zz-locked.pdf")
    (made / "zz-broken.pdf").write_bytes(b"%PDF-1.7 nothing of value")
    (made / "zz-strange.xyz").write_bytes(bytes(range(256)))
    return made


def lock(source: Path, target: Path) -> None:
    writer = PdfWriter(clone_from=source)
    writer.encrypt(user_password=PASSWORD, owner_password="owner", algorithm="AES-256")
    writer.write(target)


@pytest.fixture(scope="module")
def filled(browser, address, folder) -> str:
    """The address of the guide's page after the folder was dropped, its batch steered, and the page reloaded."""
    page = browser.new_page(viewport=WIDE)
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}/library")
    page.get_by_role("button", name="Add a folder").click()
    page.locator('[class*="st-key-folder-drop"] input[type="file"]').set_input_files(folder)
    button(page, "Pause").click()
    page.get_by_text(re.compile("pausing after this step|paused")).first.wait_for()
    button(page, "Go on").wait_for()
    page.reload()
    page.get_by_text("16 files").first.wait_for()
    files = page.locator('[class*="st-key-files-of-"] summary').first
    files.click()
    button(page, "Go on").click()
    page.get_by_text("3 could not be taken in").first.wait_for()
    page.locator('[class*="st-key-files-of-"] details[open]').first.wait_for()  # it was open, and stays so
    page.close()
    return "/library"


def button(page, name: str):
    return page.get_by_role("button", name=name, exact=True).first


def guide_page(page) -> None:
    """Find the guide in the table by the filter, tick it, and open it."""
    page.get_by_label("Find a document").fill("aa-guide")
    page.get_by_label("Find a document").press("Enter")
    page.wait_for_function("document.querySelector('.st-key-shelf [data-testid=\"stDataFrame\"]')?.clientHeight < 100")
    table = page.locator('.st-key-shelf [data-testid="stDataFrame"]').first
    table.scroll_into_view_if_needed()
    page.locator(RESTING).wait_for()
    box = table.bounding_box()
    page.mouse.click(box["x"] + 16, box["y"] + 54)  # the table is painted, and something lies over it
    page.locator(".st-key-open-chosen button").click()  # by its place: the filters have buttons called Open too
    page.locator(".st-key-document h1").wait_for()


def test_files_that_cannot_be_taken_in_say_why_in_words(filled, open_page, output):
    page = open_page(filled)
    page.get_by_text("13 files added").first.wait_for()
    said = " ".join(page.locator('[class*="st-key-trouble-"]').all_inner_texts())
    assert "zz-locked.pdf needs a password" in said
    assert "zz-broken.pdf could not be read" in said
    page.screenshot(path=output / "library-troubles.png", full_page=True)


def test_a_locked_file_opens_with_its_password(filled, open_page):
    page = open_page(filled)
    page.get_by_label("Password of zz-locked.pdf").fill(PASSWORD)
    button(page, "Open").click()
    page.get_by_text("zz-locked.pdf").first.wait_for()
    page.get_by_label("Password of zz-locked.pdf").wait_for(state="detached")
    page.get_by_text("1 file added").first.wait_for()


def test_a_passage_pressed_on_the_page_is_corrected_and_found(filled, open_page, output):
    page = open_page(filled)
    guide_page(page)
    part = page.locator("button.part").first
    part.wait_for()
    part.focus()
    part.press("Enter")
    card = page.locator('[class*="st-key-passage-here-"]').first
    card.wait_for()
    page.locator(".part.chosen").first.wait_for()
    page.screenshot(path=output / "document-passage.png")
    card.get_by_role("button", name="Correct").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("textarea").fill("The quokka keeps the lighthouse in order.")
    dialog.get_by_role("button", name="Save").click()
    dialog.wait_for(state="detached")
    page.get_by_text("corrected").first.wait_for()
    page.get_by_label("Find in this document").fill("quokka lighthouse")
    page.get_by_label("Find in this document").press("Enter")
    page.locator('[class*="st-key-found-"] button').filter(has_text="quokka").first.wait_for()


def test_stop_says_at_once_that_it_stops(filled, open_page, tmp_path):
    for number in range(6):
        text = f"# Long {number}\n\n" + f"A long story, part {number}. " * 20_000
        (tmp_path / f"long-{number}.md").write_text(text, encoding="utf-8")
    page = open_page(filled)
    page.locator('[class*="st-key-library-drop"] input[type="file"]').set_input_files(sorted(tmp_path.iterdir()))
    button(page, "Stop").click()
    page.get_by_text(re.compile("stopping after this step|stopped")).first.wait_for()
    page.get_by_text("stopped").first.wait_for()


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_scrolls_sideways_on_a_phone(filled, open_page, width):
    page = open_page(filled, size={"width": width, "height": 800})
    page.locator('[class*="st-key-trouble-"]').first.wait_for()
    assert_fits(page, width)
    guide_page(page)
    page.locator("button.part").first.wait_for()
    assert_fits(page, width)


def assert_fits(page, width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    main = page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth - main.clientWidth") <= 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(filled, open_page, scheme):
    page = open_page(filled, scheme=scheme)
    page.locator('[class*="st-key-trouble-"]').first.wait_for()
    assert serious(page) == set()
    guide_page(page)
    page.locator("button.part").first.wait_for()
    assert serious(page) == set()


def serious(page) -> set[str]:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page.locator(RESTING).wait_for()
    page.wait_for_function("document.getAnimations().every(one => one.playState !== 'running')")
    found = axe.Axe().run(page).response["violations"]
    return {
        f"{one['id']}: {node['html'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    }
