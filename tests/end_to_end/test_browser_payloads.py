"""Every payload of a public list, wherever somebody else's words are shown: nothing runs, nothing is fetched."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from basicchat import bootstrap
from basicchat.core.events import answer_of
from basicchat.core.grounding import Conflict, Statement
from basicchat.core.types import Answer, Citation, Conversation, Document, Passage, Step, ToolUse, Turn
from basicchat.evaluate.lines import existing, records
from basicchat.settings import load

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

PATIENCE = 60_000
A_TURN = 30  # payloads
CHAT = "payloads"
OWN = "![x](http://203.0.113.9/i.png)"  # a picture of another machine, which no answer may fetch
TRICKS = (
    f"\\`{OWN}\\`",
    f"``` a ` b\n{OWN}",
    f"- x\n  ```\n{OWN}",
    f"|`x|{OWN}`|\n|-|-|\n",
    f"`a\\` {OWN}",
    f"``~~~``{OWN}",
    '<img src="http://203.0.113.9/j.png" onerror=alert(1)>',
    "[a](javascript:alert(1)) [b][c]\n\n[c]: http://203.0.113.9/k",
)
LIVE = """() => {
  const live = [];
  const main = document.querySelector('[data-testid="stApp"]');
  for (const node of main.querySelectorAll('*')) {
    for (const {name, value} of node.attributes) {
      if (/^on/i.test(name)) live.push(`${node.tagName} ${name}`);
      if (/^(href|src|action|formaction|data|xlink:href|srcdoc)$/i.test(name)
          && /^\\s*(javascript|vbscript):/i.test(value))
        live.push(`${node.tagName} ${name}=${value}`);
      if (/^(href|src|action|formaction|data)$/i.test(name) && /^(https?:)?\\/\\//i.test(value)
          && !(URL.canParse(value) && new URL(value).host === location.host))
        live.push(`${node.tagName} ${name}=${value}`);
    }
    if (/^(script|object|embed|applet|base|meta|link)$/i.test(node.tagName)) live.push(node.tagName);
    if (node.tagName === 'IFRAME' && !(node.src || '').startsWith(location.origin)) live.push(`IFRAME ${node.src}`);
  }
  return live;
}"""


@pytest.fixture(scope="module")
def payloads(request: pytest.FixtureRequest) -> tuple[str, ...]:
    evals = request.getfixturevalue("evals")
    listed = [str(each["payload"]) for each in records(existing(evals / "web-payloads", "xss.jsonl"))]
    assert len(listed) == 395
    return (*listed, *TRICKS)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, payloads: tuple[str, ...]) -> Path:
    """A home whose documents, their names and a conversation hold every payload."""
    made = tmp_path_factory.mktemp("home")
    folder = tmp_path_factory.mktemp("files")
    names = list(dict.fromkeys(re.sub(r"[/\0]", "_", each)[:60].strip() or "x" for each in payloads))
    for number, name in enumerate(names[:: len(names) // 20]):
        (folder / f"{name} {number}.md").write_text(f"# {payloads[number]}\n\nThe keeper said {name}.\n", "utf-8")
    (folder / "all.txt").write_text("\n\n".join(f"Payload: {each}" for each in payloads), "utf-8")
    settings = load(home=made, profile="fake")
    with bootstrap.open_assistant(settings) as assistant:
        for outcome in assistant.ingest([folder]):
            assert not outcome.error, outcome
        now = time.time()
        starts = range(0, len(payloads), A_TURN)
        turns = [turn for start in starts for turn in turns_of(start // A_TURN, payloads[start : start + A_TURN], now)]
        assistant.chats.restore(Conversation(CHAT, payloads[0], now, now), turns)
        assert answer_of(assistant.stream("What did the keeper say?", mode="extractive"))
    return made


def turns_of(number: int, some: Sequence[str], now: float) -> Iterator[Turn]:
    """A question and an answer that hold payloads everywhere: text, sources, quotes, calls, steps, conflicts, notes."""
    cited = tuple(
        Citation(at, f"d{at}", each, each, 1, 0, len(each), each, place=each) for at, each in enumerate(some, start=1)
    )
    document = Document("d1", "default", some[0], some[0], "text/plain", "d", 1, 1, 0.0)
    calls = [ToolUse(each[:40], {"address": each, each[:20]: each}, "done", each) for each in some]
    calls += [ToolUse("web_page", {"address": each, each[:20]: each}, "asked", each, tainted=True) for each in some[:4]]
    sides = tuple(Statement(at, f"d{at}", each, 1, 0, len(each), each, each) for at, each in enumerate(some[:2], 1))
    answer = Answer(
        text="\n\n".join(f"{each} [{at}]" for at, each in enumerate(some, start=1)),
        abstained=False,
        mode="agent",
        model=some[0],
        citations=cited,
        passages=(Passage(1, document, 1, 0, 5, some[0], ("c",), 1.0, heading=(some[1],), place=some[1]),),
        warnings=tuple(some),
        conflicts=(Conflict(0, sides),) if len(sides) == 2 else (),
        steps=tuple(Step(str(at), each, "done", 0.1, 1, each) for at, each in enumerate(some)),
        calls=tuple(calls),
    )
    yield Turn(f"q{number}", "user", "\n".join(some), now + number)
    yield Turn(f"a{number}", "assistant", answer.text, now + number + 0.5, answer)


@pytest.fixture
def open_page(browser, address):
    """Opens a page; every dialog, and every request to another machine, is trouble."""
    contexts, troubles = [], []

    def open_(path: str):
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)

        def asked(request) -> None:
            if not re.match(r"(https?|wss?)://(localhost|127\.0\.0\.1)[:/]|data:|blob:", request.url):
                troubles.append(f"asked for {request.url}")

        def dialog(shown) -> None:
            troubles.append(f"dialog: {shown.message}")
            shown.dismiss()

        page.on("request", asked)
        page.on("dialog", dialog)
        page.goto(address + path)
        return page

    yield open_, troubles
    for context in contexts:
        context.close()


def settle(page) -> None:
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()


def test_no_payload_is_live(open_page, payloads: tuple[str, ...]) -> None:
    open_, troubles = open_page
    page = open_(f"/?chat={CHAT}")
    page.locator(f".st-key-answer-a{(len(payloads) - 1) // A_TURN}").wait_for()
    settle(page)
    assert page.evaluate(LIVE) == []
    library = open_("/library")
    library.get_by_text("all").first.wait_for(state="attached")
    settle(library)
    assert library.evaluate(LIVE) == []
    asking = open_("/")
    box = asking.get_by_test_id("stChatInputTextArea")
    box.fill("What did the keeper say of the payload?")
    box.press("Enter")
    asking.wait_for_url("**chat=*")
    asking.locator('[class*="st-key-below-"]').first.wait_for()
    settle(asking)
    assert asking.evaluate(LIVE) == []
    asking.locator('[class*="st-key-card-"] button, [class*="st-key-near-"] button').first.click()
    asking.locator(".st-key-source-pane").wait_for()
    settle(asking)
    assert asking.evaluate(LIVE) == []
    assert troubles == []
