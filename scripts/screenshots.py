"""Makes the pictures of the documentation from the real page: ``python scripts/screenshots.py [--only settled]``.

Serves a scratch home, adds the sample document, asks a question, opens its citation, and photographs every step at
desktop and phone width, light and dark, into ``docs/images``. The states of the library are made over the fake profile,
with files made here: what they show does not depend on a model.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from pypdf import PdfReader, PdfWriter

REPOSITORY = Path(__file__).resolve().parents[1]
TARGET = REPOSITORY / "docs" / "images"
SAMPLE = REPOSITORY / "basicchat" / "ui" / "assets" / "basicchat-guide.pdf"
QUESTION = "What leaves this machine?"
SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
SERVE = "from basicchat.settings import load; from basicchat.ui import launch; launch.run(load(), open_browser=False)"
PATIENCE = 240_000  # milliseconds; a first answer on a small machine takes its time


def settle(page: Page) -> None:
    """Wait until the page has stopped moving."""
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    page.wait_for_timeout(900)


def ask(page: Page, address: str) -> str:
    """Add the sample, ask, and give the address of the conversation."""
    page.goto(address)
    page.locator('input[type="file"]').first.set_input_files(SAMPLE)
    page.get_by_role("button", name=QUESTION).wait_for()
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(QUESTION)
    box.press("Enter")
    page.locator('[class*="st-key-sources-"] button').first.wait_for()
    page.wait_for_url("**chat=*")
    return page.url


def everywhere(browser: Browser) -> Iterator[tuple[str, Page]]:
    """A page at every size in both schemes, and what pictures of it are called."""
    for size, viewport in SIZES.items():
        for scheme in ("light", "dark"):
            context = browser.new_context(
                viewport={"width": viewport["width"], "height": viewport["height"]},
                color_scheme="dark" if scheme == "dark" else "light",
                is_mobile=size == "phone",
                has_touch=size == "phone",
            )
            page = context.new_page()
            page.set_default_timeout(PATIENCE)
            yield f"{size}-{scheme}", page
            context.close()


def photograph(browser: Browser, address: str, conversation: str) -> None:
    """The library, the answer and its source; pages that name folders stay out."""
    for name, page in everywhere(browser):
        page.goto(f"{address}/library")
        page.locator("h1").first.wait_for()
        shoot(page, f"library-{name}")
        page.goto(conversation)
        page.locator('[class*="st-key-sources-"]').first.wait_for()
        shoot(page, f"chat-{name}")
        page.locator('a[href^="#source-"]').first.click()
        page.locator(".sheet .mark").first.wait_for()
        shoot(page, f"source-{name}")


def shoot(page: Page, name: str) -> None:
    """One picture."""
    settle(page)
    page.screenshot(path=TARGET / f"{name}.png")
    print(f"{name}.png")


# ---------------------------------------------------------------- the states of the library


MINUTES = 400
"""Files of the batch that is to be seen running: two minutes' work for two idle cores."""


def papers(folder: Path) -> list[Path]:
    """Files to take in: long enough to be seen, one that is broken, one locked, one with a page that holds no text."""
    for number in range(1, MINUTES + 1):
        text = f"# Minutes of meeting {number}\n\n" + f"The committee agreed on item {number}. " * 6000
        (folder / f"minutes-{number:03}.md").write_text(text, encoding="utf-8")
    (folder / "rent.csv").write_text("Month,Rent,Heating\nJanuary,950,120\nFebruary,950,115\n", encoding="utf-8")
    (folder / "torn.pdf").write_bytes(b"%PDF-1.7 torn")
    locked = PdfWriter(clone_from=SAMPLE)
    locked.encrypt(user_password="harbour", owner_password="owner", algorithm="AES-256")  # noqa: S106
    locked.write(folder / "tax return.pdf")
    shutil.copy(SAMPLE, folder / "guide.pdf")
    return sorted(folder.iterdir())


def half_read(target: Path) -> Path:
    """A PDF whose second page holds no text."""
    writer = PdfWriter()
    reader = PdfReader(SAMPLE)
    writer.add_page(reader.pages[0])
    writer.add_blank_page()
    writer.add_page(reader.pages[1])
    writer.write(target)
    return target


def add(page: Page, files: list[Path]) -> None:
    """Drop files into the library."""
    page.locator(".st-key-library-empty, .st-key-library").first.wait_for()
    page.locator('[class*="st-key-library-drop"] input[type="file"]').set_input_files(files)


def put_away(page: Page) -> None:
    """Put the batch away that has just ended."""
    page.locator('[class*="st-key-hide-"] button').first.click()
    page.locator('[class*="st-key-hide-"]').first.wait_for(state="detached")
    settle(page)


def working(browser: Browser, address: str, folder: Path) -> None:
    """The library empty, running and paused."""
    driver = browser.new_page()
    driver.set_default_timeout(PATIENCE)
    each_state(browser, address, "empty", ".st-key-library-empty")
    driver.goto(f"{address}/library")
    files = papers(folder)
    add(driver, [file for file in files if file.suffix == ".md"])
    each_state(browser, address, "running", '[class*="st-key-pause-"]', opened=True)
    driver.get_by_role("button", name="Pause", exact=True).click()
    each_state(browser, address, "paused", '[class*="st-key-resume-"]')
    driver.close()


def settled(browser: Browser, address: str, folder: Path) -> None:
    """The library with files that failed and with notes, and one document."""
    driver = browser.new_page()
    driver.set_default_timeout(PATIENCE)
    driver.goto(f"{address}/library")
    files = papers(folder)
    add(driver, [file for file in files if file.suffix != ".md"])
    each_state(browser, address, "failed", '[class*="st-key-retry-"]')
    put_away(driver)
    noted = folder.parent / "noted"
    noted.mkdir()
    add(driver, [half_read(noted / "scan of a letter.pdf")])
    each_state(browser, address, "warnings", '[class*="st-key-hide-"]')
    driver.get_by_label("Find a document").fill("guide.pdf")
    driver.get_by_label("Find a document").press("Enter")
    driver.wait_for_function(
        "document.querySelector('.st-key-shelf [data-testid=\"stDataFrame\"]')?.clientHeight < 100"
    )
    settle(driver)
    table = driver.locator('.st-key-shelf [data-testid="stDataFrame"]').first
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    if box is None:
        sys.exit("the table of documents is not to be seen")
    driver.mouse.click(box["x"] + 16, box["y"] + 54)  # the table is painted, and something lies over it
    driver.get_by_role("button", name="Open", exact=True).click()
    driver.locator("button.part").first.click()
    driver.wait_for_url("**passage=*")
    each_state(browser, driver.url, "document", ".part.chosen", path="")
    driver.close()


def each_state(
    browser: Browser, address: str, state: str, there: str, *, path: str = "/library", opened: bool = False
) -> None:
    """Photograph a state, known by what is there, at every size in both schemes."""
    for name, page in everywhere(browser):
        page.goto(f"{address}{path}")
        page.locator(there).first.wait_for()
        if opened:
            page.locator('[class*="st-key-files-of-"] summary').first.click()
            page.locator('[class*="st-key-files-of-"] canvas').first.wait_for()
        shoot(page, f"library-{state}-{name}" if path else f"{state}-{name}")


# ---------------------------------------------------------------- serving


@contextmanager
def served(profile: str) -> Iterator[str]:
    """The address of the page over a scratch home."""
    with tempfile.TemporaryDirectory(prefix="basicchat-pictures-") as home:
        given = {"BASICCHAT_PROFILE": profile, "BASICCHAT_MODELS__FETCH": "false"}
        given |= {"BASICCHAT_ANSWER__MODE": "extractive"} if profile == "fake" else {}
        models = os.environ.get("BASICCHAT_MODELS__FOLDER", str(Path("~/.basicchat/models").expanduser()))
        environment = {**os.environ, **given, "BASICCHAT_HOME": home, "BASICCHAT_MODELS__FOLDER": models}
        command = [sys.executable, "-c", SERVE]
        with subprocess.Popen(command, env=environment, cwd=home, stdout=subprocess.PIPE, text=True) as server:
            try:
                yield str(re.findall(r"http://\S+", server.stdout.readline() if server.stdout else "")[0])
            finally:
                server.terminate()


def main() -> None:
    """Serve, ask, photograph."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", choices=["default", "fake"], default="default")
    parser.add_argument("--only", choices=["answers", "working", "settled"], help="one part of the pictures")
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("chromium is not installed")
    TARGET.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        driver = stack.enter_context(sync_playwright())
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        if options.only in {None, "answers"}:
            address = stack.enter_context(served(options.profile))
            page = browser.new_page()
            page.set_default_timeout(PATIENCE)
            photograph(browser, address, ask(page, address))
        for name, photograph_states in {"working": working, "settled": settled}.items():
            if options.only in {None, name}:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="basicchat-papers-"))) / "papers"
                folder.mkdir()
                with served("fake") as address:
                    photograph_states(browser, address, folder)
        browser.close()


if __name__ == "__main__":
    main()
