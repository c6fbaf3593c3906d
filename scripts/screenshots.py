"""Makes the pictures of the documentation from the real page: ``python scripts/screenshots.py [--profile fake]``.

Serves a scratch home, adds the sample document, asks a question, opens its citation, and photographs every step at
desktop and phone width, light and dark, into ``docs/images``.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

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


def photograph(browser: Browser, address: str, conversation: str) -> None:
    """The library, the answer and its source at every size in both schemes; pages that name folders stay out."""
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
            page.goto(f"{address}/library")
            page.locator("h1").first.wait_for()
            shoot(page, f"library-{size}-{scheme}")
            page.goto(conversation)
            page.locator('[class*="st-key-sources-"]').first.wait_for()
            shoot(page, f"chat-{size}-{scheme}")
            page.locator('a[href^="#source-"]').first.click()
            page.locator(".sheet .mark").first.wait_for()
            shoot(page, f"source-{size}-{scheme}")
            context.close()


def shoot(page: Page, name: str) -> None:
    """One picture."""
    settle(page)
    page.screenshot(path=TARGET / f"{name}.png")
    print(f"{name}.png")


def main() -> None:
    """Serve, ask, photograph."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", choices=["default", "fake"], default="default")
    profile = parser.parse_args().profile
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("chromium is not installed")
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="basicchat-pictures-") as home:
        given = {"BASICCHAT_PROFILE": profile, "BASICCHAT_MODELS__FETCH": "false"}
        given |= {"BASICCHAT_ANSWER__MODE": "extractive"} if profile == "fake" else {}
        models = os.environ.get("BASICCHAT_MODELS__FOLDER", str(Path("~/.basicchat/models").expanduser()))
        environment = {**os.environ, **given, "BASICCHAT_HOME": home, "BASICCHAT_MODELS__FOLDER": models}
        command = [sys.executable, "-c", SERVE]
        with subprocess.Popen(command, env=environment, cwd=home, stdout=subprocess.PIPE, text=True) as server:
            try:
                address = str(re.findall(r"http://\S+", server.stdout.readline() if server.stdout else "")[0])
                with sync_playwright() as driver:
                    browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
                    page = browser.new_page()
                    page.set_default_timeout(PATIENCE)
                    photograph(browser, address, ask(page, address))
                    browser.close()
            finally:
                server.terminate()


if __name__ == "__main__":
    main()
