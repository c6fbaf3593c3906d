"""The pages over the fake profile: no model, no network, no browser."""

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from basicchat.bootstrap import parts
from basicchat.core.types import Answer, Document, Passage, ToolCall, ToolUse, Turn
from basicchat.reason.attribute import citations
from basicchat.reason.conflicts import conflicts
from basicchat.reason.sources import source_facts
from basicchat.reason.support import Grounds
from basicchat.reason.verify import check
from basicchat.settings import load
from basicchat.ui import state

APP = Path(__file__).resolve().parents[2] / "app.py"
ATTACK = "<script>alert(1)</script> [x](http://evil.example) ![y](http://evil.example/p.png)"
NOTES = "# Harbour\n\nThe harbour opens at six in the morning.\n\nThe lighthouse was built in 1887 by Ada Smith.\n"


@pytest.fixture
def assistant(tmp_path):
    state.use(load(home=tmp_path / "home", profile="fake"))
    yield state.assistant()
    state.close()


@pytest.fixture
def notes(assistant, tmp_path):
    path = tmp_path / "harbour.md"
    path.write_text(NOTES, encoding="utf-8")
    return assistant.ingest([path])[0]


def page(name: str = "chat") -> AppTest:
    def script(name: str) -> None:
        from basicchat.ui.pages import navigation

        navigation(name).run()

    return AppTest.from_function(script, args=(name,), default_timeout=60)


def words(at: AppTest) -> str:
    parts = [*at.markdown, *at.caption, *at.button, *at.sidebar.button]
    return "\n".join(
        getattr(part, "value", "") if part.type in {"markdown", "caption"} else part.label for part in parts
    )


def test_the_entry_script_runs(assistant):
    at = AppTest.from_file(str(APP), default_timeout=60).run()
    assert not at.exception
    assert "Ask your documents" in words(at)


def test_an_empty_library_offers_a_sample(assistant):
    at = page().run()
    at.button(key="sample").click().run()
    job = assistant.jobs.find(kind="ingest")[0]
    assistant.jobs.wait(job.id, 60)
    at.run()
    assert "What leaves this machine?" in words(at)


@pytest.mark.parametrize("name", ["library", "quality", "research", "status", "settings"])
def test_every_page_is_there_when_empty(assistant, name):
    at = page(name).run()
    assert not at.exception
    assert name.capitalize() in words(at)


def test_an_answer_cites_what_it_quotes(notes):
    at = page().run()
    at.radio(key="mode").set_value("extractive").run()
    at.chat_input(key="question").set_value("When was the lighthouse built?").run()
    assert not at.exception
    assert "1887" in words(at)
    assert "](#source-" in words(at)


def test_the_conversation_is_kept_and_listed(notes, assistant):
    at = page().run()
    at.radio(key="mode").set_value("extractive").run()
    at.chat_input(key="question").set_value("When was the lighthouse built?").run()
    conversation = assistant.chats.list()[0]
    again = page()
    again.query_params["chat"] = conversation.id
    again.run()
    assert "1887" in words(again)
    assert conversation.title in words(again)


def test_a_card_opens_the_source(notes):
    at = page().run()
    at.radio(key="mode").set_value("extractive").run()
    at.chat_input(key="question").set_value("When was the lighthouse built?").run()
    card = next(button for button in at.button if str(button.key).startswith("card-"))
    card.click().run()
    assert not at.exception
    assert any(button.key == "close-source" for button in at.button)


def test_when_the_documents_do_not_say_the_nearest_passages_are_offered(notes, assistant):
    document = assistant.library.document(notes.document_id)
    near = Passage(1, document, 1, 0, 20, "The harbour opens", (), 0.1)
    conversation = assistant.chats.create(title="Quarks")
    asked = Turn("a", "user", "What is a quark?", 1.0)
    said = Turn("b", "assistant", "Not there.", 2.0, Answer("Not there.", True, "direct", "m", (), (near,)))
    assistant.chats.restore(conversation, [asked, said])
    at = page()
    at.query_params["chat"] = conversation.id
    at.run()
    assert "Your documents do not say" in words(at)
    assert "The harbour opens" in words(at)
    at.button(key="without-b").click().run()
    assert assistant.chats.turns(conversation.id)[-1].answer.mode == "chat"


def test_deleting_a_chat_can_be_undone(notes, assistant):
    conversation = assistant.chats.create(title="Harbours")
    at = page().run()
    at.session_state["deleted-chat"] = (conversation, [])
    assistant.chats.remove(conversation.id)
    at.run()
    at.button(key="undo-delete").click().run()
    assert [one.title for one in assistant.chats.list()] == ["Harbours"]


def test_names_and_answers_stay_text(assistant, tmp_path):
    path = tmp_path / "plain.md"
    path.write_text(f"# {ATTACK}\n\nThe lighthouse was built in 1887. {ATTACK}\n", encoding="utf-8")
    assistant.ingest([path])
    at = page().run()
    at.radio(key="mode").set_value("extractive").run()
    at.chat_input(key="question").set_value(f"When was the lighthouse built? {ATTACK}").run()
    shown = words(at)
    assert "](http" not in shown
    assert "<script>" not in shown.replace("\\<script", "")
    assert all(not element.allow_html for element in at.markdown)


def test_a_document_is_deleted_only_after_saying_so_twice(notes, assistant):
    at = page("library").run()
    at.session_state["removing"] = assistant.curation.entries()
    at.run()
    assert assistant.library.documents()
    at.button(key="confirm-delete").click().run()
    assert assistant.library.documents() == []


def test_a_setting_is_written_to_the_home(assistant):
    at = page("settings").run()
    at.number_input(key="set-answer-max_tokens").set_value(64).run()
    home = state.settings().home
    assert load(home=home).answer.max_tokens == 64
    assert "Saved" in words(at)


def test_the_doctor_is_asked_from_the_status_page(assistant):
    at = page("status").run()
    at.button(key="examine").click().run()
    assert not at.exception


def test_an_earlier_answer_says_so_and_can_be_asked_afresh(notes, assistant):
    assistant.ask("When was the lighthouse built?", mode="extractive")
    at = page().run()
    at.radio(key="mode").set_value("extractive").run()
    at.chat_input(key="question").set_value("when was lighthouse built?").run()
    assert not at.exception
    assert "From an earlier answer to “When was the lighthouse built?”, today" in words(at)
    afresh = next(button for button in at.button if button.label == "Ask afresh")
    afresh.click().run()
    assert not at.exception
    last = assistant.chats.turns(assistant.chats.list()[0].id)[-1].answer
    assert last.earlier is None
    assert "1887" in last.text
    assert any(button.label == "Ask again" for button in at.button)
    assert not any(button.label == "Ask afresh" for button in at.button)


def test_what_each_strictness_was_measured_to_do_stands_beside_it(assistant):
    at = page("settings").run()
    assert at.selectbox(key="set-answer-strictness").value == "balanced"
    shown = words(at)
    for name, rates in parts.gate(state.settings()).rates.items():
        assert f"{name.capitalize()} declines {rates.refused} of {rates.answerable} questions" in shown
    at.selectbox(key="set-answer-strictness").set_value("strict").run()
    assert load(home=state.settings().home).answer.strictness == "strict"


def test_settings_of_earlier_answers_are_on_the_page(assistant):
    at = page("settings").run()
    assert at.toggle(key="set-cache-enabled").value is True


CLAIMS = "The lighthouse was built in 1887 [1]. It was painted blue in 1755 [1]."


def grounded(assistant) -> str:
    """A kept answer with a sentence that nothing supports and two sources that disagree; the id of its chat."""
    other = Document("other", "default", "almanac.md", "Almanac", "text/markdown", "o", 1, 1, 0.0)
    (document,) = assistant.library.documents()
    texts = (
        (document, "The lighthouse was built in 1887 by Ada Smith."),
        (other, "The lighthouse was built in 1889 by Ada Smith."),
    )
    passages = tuple(
        Passage(number, each, 1, 0, len(text), text, (f"c{number}",), 1.0)
        for number, (each, text) in enumerate(texts, start=1)
    )
    grounds = Grounds(passages, question="What of the lighthouse?")
    sentences = check(CLAIMS, grounds)
    cited = citations(CLAIMS, passages, question=grounds.question)
    answer = Answer(
        *(CLAIMS, False, "direct", "m", cited, passages),
        sentences=sentences,
        conflicts=conflicts(CLAIMS, sentences, passages),
        sources=source_facts(CLAIMS, sentences, cited, grounds),
    )
    chat = assistant.chats.create(title="Lighthouse")
    turns = [Turn("q", "user", grounds.question, 1.0), Turn("a", "assistant", CLAIMS, 2.0, answer)]
    assistant.chats.restore(chat, turns)
    return chat.id


def test_doubted_sentences_conflicts_and_facts_are_shown_after_a_reload(notes, assistant):
    chat = grounded(assistant)
    at = page()
    at.query_params["chat"] = chat
    at.run()
    assert not at.exception
    shown = words(at)
    assert ":gray-background[It was painted blue in 1755 [1](#source-a-1).]" in shown
    assert "1 sentence has no support in the cited passages" in shown
    assert "1 of 2 sentences supported" in shown
    assert "**Sources disagree**" in shown
    sides = [button.label for button in at.button if (button.key or "").startswith("near-a-conflict")]
    assert [label.partition(" — ")[0].rpartition("**")[0] for label in sides] == [
        "Harbour, p\\. 1: **1887",
        "Almanac, p\\. 1: **1889",
    ]
    next(button for button in at.button if (button.key or "").startswith("card-a")).click().run()
    assert "note · added" in words(at)


def test_a_repair_takes_out_what_nothing_supports(notes, assistant):
    at = page()
    at.query_params["chat"] = grounded(assistant)
    at.run()
    at.button(key="repair-a").click().run()
    assert not at.exception
    (turn,) = [turn for turn in assistant.chats.turns(assistant.chats.list()[0].id) if turn.role == "assistant"]
    assert turn.content == "The lighthouse was built in 1887 [1]."
    assert not any(button.key == "repair-a" for button in at.button)


def test_a_check_is_shown_and_kept(notes, assistant, tmp_path):
    path = tmp_path / "garden.md"
    path.write_text("Roses want pruning each February before buds swell.\n", encoding="utf-8")
    assistant.ingest([path])
    at = page("quality").run()
    at.button(key="check-library").click().run()
    job = assistant.quality.job()
    assert assistant.jobs.wait(job.id, 60).error is None
    again = page("quality").run()
    assert not again.exception
    assert "questions found their passage in the first 5" in words(again).replace("\\", "")
    assert "too little in this library to compare settings" in words(again)


def test_the_steps_of_a_debate_are_there_and_a_specialist_can_be_chosen(notes):
    at = page().run()
    at.radio(key="mode").set_value("debate")
    at.selectbox(key="specialist").set_value("tutor").run()
    at.chat_input(key="question").set_value("When was the lighthouse built?").run()
    assert not at.exception
    assert "The sceptic" in words(at)
    assert "readings agree" in words(at)


WANTS = ToolUse("web_page", {"address": "http://example.org/?q=" + ATTACK}, "asked", "it reaches the network")


def waiting(assistant, *, tainted: bool) -> AppTest:
    """A conversation whose last answer has a call that waits, and one that ran."""
    ran = ToolUse("calculator", {"expression": "3 * 12"}, "done", "3 * 12 = 36")
    answer = Answer("36.", False, "agent", "echo", calls=(ran, replace(WANTS, tainted=tainted)))
    conversation = assistant.chats.create(title="Tools")
    assistant.chats.restore(
        conversation,
        [Turn("q", "user", "How many?", 1.0), Turn("a", "assistant", answer.text, 2.0, answer=answer)],
    )
    at = page()
    at.query_params["chat"] = conversation.id
    return at.run()


def test_a_call_that_waits_shows_what_and_why_and_the_result_of_one_that_ran(assistant):
    at = waiting(assistant, tainted=True)
    assert not at.exception
    assert any(WANTS.arguments["address"] in each.value for each in at.code)
    said = words(at)
    assert "needs your consent" in said
    assert "it reaches the network" in said
    assert "calculator: 3 * 12 = 36" in said.replace("\\", "")
    assert [each.label for each in at.button if each.key.startswith("consent-")] == ["Allow once", "Never"]


def test_always_is_offered_where_it_would_hold_and_never_turns_the_tool_off(assistant):
    at = waiting(assistant, tainted=False)
    assert [each.label for each in at.button if each.key.startswith("consent-")] == ["Allow once", "Always", "Never"]
    at.button(key="consent-never-a-1").click().run()
    assert assistant.tools.status("web_page").standing == "never"
    assert "is turned off" in words(at)


def test_allowing_once_asks_again_with_the_very_call(assistant, monkeypatch):
    at = waiting(assistant, tainted=True)
    sent = []
    send = assistant.chats.send
    monkeypatch.setattr(assistant.chats, "send", lambda *given, **how: sent.append(how) or send(*given, **how))
    at.button(key="consent-yes-a-1").click().run()
    assert [(how["mode"], how["allowed"]) for how in sent] == [("agent", [ToolCall("web_page", WANTS.arguments)])]
    assert assistant.tools.status("web_page").standing == "ask"


def test_how_an_answer_was_made_is_one_click_away_and_shown_as_text(assistant, tmp_path):
    path = tmp_path / "harbour.md"
    path.write_text(f"The lighthouse was built in 1887 by Ada Smith. {ATTACK}\n", encoding="utf-8")
    assistant.ingest([path])
    chat = assistant.chats.create()
    list(assistant.chats.send(chat.id, "When was the lighthouse built?", mode="direct"))
    answer = assistant.chats.turns(chat.id)[-1]
    at = page()
    at.query_params["chat"] = chat.id
    at.run()
    assert at.button(key=f"trace-{answer.id}").label == "Trace"
    at = page("trace")
    at.query_params["chat"] = chat.id
    at.query_params["answer"] = answer.id
    at.run()
    assert not at.exception
    shown = words(at)
    for part in ("How this answer was made", "Gate and check", "Search 1", "Calls of models"):
        assert part in shown
    assert "<script>" not in shown.replace("\\<script\\>", "")
    table = at.dataframe[0].value
    assert "Meaning" in table.columns
    assert ATTACK.split()[0] in table["Begins"][0]


def test_an_answer_that_is_gone_has_no_trace(assistant):
    at = page("trace")
    at.query_params["answer"] = "none"
    at.run()
    assert not at.exception
    assert "not here any more" in words(at) + "".join(each.value for each in at.error)


def test_an_answer_can_be_made_again_without_a_source(assistant, tmp_path):
    for name, hour in (("summer", "seven"), ("winter", "nine")):
        path = tmp_path / f"{name}.md"
        path.write_text(f"The ferry to Oban leaves at {hour} in the morning in {name}.\n", encoding="utf-8")
        assistant.ingest([path])
    chat = assistant.chats.create()
    list(assistant.chats.send(chat.id, "When does the ferry leave in summer?", mode="extractive"))
    first = assistant.chats.turns(chat.id)[-1]
    cited = first.answer.citations[0].document_id
    at = page()
    at.query_params["chat"] = chat.id
    at.run()
    at.radio(key="mode").set_value("extractive").run()
    at.button(key=f"leaving-{first.id}-0").click().run()
    assert not at.exception
    again = assistant.chats.turns(chat.id)[-1].answer
    assert cited not in {passage.document.id for passage in again.passages}
    assert "This was answered without" in words(at)


def test_a_tool_is_made_tried_saved_and_turned_off(assistant):
    at = page("tools").run()
    assert not at.exception
    assert "calculator" in words(at)
    at.text_input(key="tool-name").set_value("shout")
    at.text_input(key="tool-description").set_value("Writes a text in capital letters.")
    at.text_input(key="parameter-name-0").set_value("text")
    at.text_input(key="parameter-about-0").set_value("Any text.")
    at.text_input(key="parameter-value-0").set_value("hello")
    at.text_area(key="tool-code").set_value("text.upper(")
    at.button(key="try-tool").click().run()
    assert "cannot be read" in words(at)
    at.text_area(key="tool-code").set_value("text.upper()")
    at.button(key="try-tool").click().run()
    assert [block.value for block in at.code] == ["HELLO"]
    at.button(key="save-tool").click().run()
    assert "`shout` is a tool now" in words(at)
    assert assistant.tools.status("shout").standing == "always"
    assert assistant.tools.call("shout", {"text": "hello"}).parts[0].text == "HELLO"
    at.selectbox(key="standing-shout").set_value("never").run()
    assert assistant.tools.status("shout").standing == "never"
    at.button(key="save-tool").click().run()
    assert "already" in words(at)


# ---------------------------------------------------------------- research


def researched(assistant):
    study = assistant.research.submit("When was the lighthouse built?", parts=["When was the lighthouse built?"])
    assistant.jobs.wait(study.id, 60)
    return study


def test_research_is_begun_from_its_page(notes, assistant):
    at = page("research").run()
    at.text_area(key="research-question").set_value("When was the lighthouse built?").run()
    at.button(key="research-begin").click().run()
    assert not at.exception
    (study,) = assistant.research.all()
    assistant.jobs.wait(study.id, 60)
    assert study.id in at.query_params["study"]
    at.run()
    assert "Contents" in words(at)
    assert "1887" in words(at)


def test_a_report_shows_its_parts_and_a_citation_opens_its_page(notes, assistant):
    study = researched(assistant)
    at = page("research")
    at.query_params["study"] = study.id
    at.run()
    assert not at.exception
    for head in ("Summary", "Limits", "Sources", "Contents"):
        assert f"## {head}" in words(at)
    assert f"](#source-{study.id}-1)" in words(at)
    at.button(key="card-research-1").click().run()
    assert not at.exception
    assert any(button.key == "close-source" for button in at.button)


def test_what_was_looked_into_is_listed_and_forgotten(notes, assistant):
    study = researched(assistant)
    at = page("research").run()
    at.button(key=f"study-{study.id}").click().run()
    assert study.id in at.query_params["study"]
    at.button(key="research-forget").click().run()
    assert assistant.research.all() == []
    assert not at.exception


def test_an_inquiry_that_rests_can_go_on(notes, assistant, monkeypatch):
    from basicchat.service import research

    asked, original = [], research.Shown.again

    def again(shown):
        if not asked and shown._said[1] == 1:
            asked.append(assistant.jobs.pause(shown._context.job_id))
        original(shown)

    monkeypatch.setattr(research.Shown, "again", again)
    study = researched(assistant)
    at = page("research")
    at.query_params["study"] = study.id
    at.run()
    assert "Paused" in words(at)
    assert "Plan" in words(at)
    at.button(key="research-resume").click().run()
    assistant.jobs.wait(study.id, 60)
    at.run()
    assert "1887" in words(at)
