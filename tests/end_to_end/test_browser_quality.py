"""The page Quality in a real browser: a check is run, its proposal applied and undone, a weak document opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.service.test_quality import write_notes

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PATIENCE = 90_000


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A home whose search has a setting that can be bettered."""
    made = tmp_path_factory.mktemp("home")
    (made / "settings.toml").write_text('[retrieve]\nfusion = "meaning"\nrerank_top = 0\n', encoding="utf-8")
    return made


@pytest.fixture
def page(browser, address):
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    opened.set_default_timeout(PATIENCE)
    opened.goto(f"{address}/library")
    opened.locator("h1").first.wait_for()
    yield opened
    opened.close()


def button(page, name: str):
    return page.get_by_role("button", name=name, exact=True).first


def serious(page) -> list[str]:
    """What axe finds that keeps people from using the page."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    page.wait_for_function("document.getAnimations().every(one => one.playState !== 'running')")
    found = axe.Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {[node['html'][:120] for node in each['nodes']]}"
        for each in found
        if each["impact"] in {"serious", "critical"}
    ]


def test_a_library_is_checked_and_a_proposal_applied_and_undone(page, address, tmp_path: Path, output) -> None:
    write_notes(tmp_path)
    page.get_by_role("button", name="Add a folder").click()
    page.locator('[class*="st-key-folder-drop"] input[type="file"]').set_input_files(tmp_path)
    page.get_by_text("9 files added").first.wait_for()
    page.reload()
    button(page, "Check how well it is found").click()
    button(page, "Check my library").click()
    button(page, "Stop").wait_for()
    page.locator(".st-key-checkup h2").first.wait_for()
    assert "questions found their passage in the first 5" in page.locator(".st-key-checkup h2").first.inner_text()
    page.screenshot(path=output / "quality.png", full_page=True)
    page.reload()  # what was found is kept
    page.locator(".st-key-checkup h2").first.wait_for()
    button(page, "Apply").wait_for()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.reload()
        button(page, "Apply").wait_for()
        assert serious(page) == []
    button(page, "Apply").click()
    page.get_by_text("Applied.").wait_for()
    button(page, "Undo").click()
    button(page, "Apply").wait_for()
    page.locator('[class*="st-key-weak-row-"] button', has_text="empty").click()
    page.locator(".st-key-document h1").wait_for()
    assert "empty" in page.locator(".st-key-document h1").inner_text()
