"""The course of an inquiry over fakes: what it finds, what it admits, and that no kill costs a finished step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from basicchat.core.errors import Cancelled
from basicchat.core.research import Inquiry
from basicchat.reason.research.desk import WebFound, WebText
from basicchat.reason.research.report import numbers_in, resolves
from basicchat.testing.chat import FaultyChatModel, ScriptedChatModel

from .conftest import ASKED, PLAN, QUESTION, SAID, STUDY, Killed

STEPS = 7  # plan, two searches, two sources read, summary, report


def whole(report) -> tuple:
    """A report without what took how long."""
    return replace(report, seconds=0.0)


def test_sections_are_written_from_their_own_sources_and_every_citation_resolves(bench, scripted):
    here = bench(scripted())
    report = here.run()
    assert [section.standing for section in report.sections] == ["written", "written"]
    assert "80 AD" in report.sections[0].text
    assert "330 metres" in report.sections[1].text
    assert numbers_in(report) == {citation.number for citation in report.citations} == {1, 2}
    assert report.unresolved == ()
    for citation in report.citations:
        assert (
            here.shelf.page(citation.document_id, citation.page).text[citation.start : citation.end] == citation.quote
        )
    assert "80 AD" in report.summary


def test_a_plan_is_made_by_the_model_and_holds_the_question_itself(bench, scripted):
    model = ScriptedChatModel([PLAN, *SAID, *SAID])
    here = bench(model, inquiry=Inquiry(QUESTION, most_sources=1))
    report = here.run()
    assert report.sections[0].question == QUESTION
    assert "How tall is the Eiffel Tower?" in [section.question for section in report.sections]
    assert model.calls[0].schema is not None
    assert not any("Colosseum stands" in message.content for message in model.calls[0].messages)  # no document leads it


def test_a_plan_that_does_not_fit_is_made_of_the_questions_own_parts(bench):
    model = ScriptedChatModel(["no", "never", *SAID, *SAID])
    both = "When was the Colosseum finished and how tall is the Eiffel Tower?"
    report = bench(model, inquiry=Inquiry(both, most_sources=1)).run()
    assert [section.question for section in report.sections][1:] == [
        "When was the Colosseum finished?",
        "how tall is the Eiffel Tower?",
    ]
    assert any("without a model" in limit for limit in report.limits)


def test_what_the_documents_do_not_say_is_said(bench, scripted):
    parts = ("When was the Colosseum finished?", "Which enzyme metabolises warfarin?")
    report = bench(scripted(), inquiry=replace(ASKED, parts=parts)).run()
    silent = report.sections[1]
    assert (silent.standing, silent.text) == ("silent", "The documents do not say.")
    assert any("do not say" in limit and "warfarin" in limit for limit in report.limits)
    assert set(silent.nearest) <= {citation.number for citation in report.citations}


def test_what_no_passage_bears_out_is_left_out(bench):
    model = ScriptedChatModel(
        ["It was finished in 80 AD [1]. It cost 9,999 ducats [1].", "It weighs 12,345 elephants [1].", SAID[0]]
    )
    report = bench(model).run()
    assert "ducats" not in report.sections[0].text
    assert report.sections[0].left_out == ("It cost 9,999 ducats.",)
    assert report.sections[1].standing == "quoted"  # nothing that the model wrote there holds
    assert "330 metres" in report.sections[1].text
    assert any("2 sentences" in limit for limit in report.limits)


@pytest.mark.parametrize("model", [None, FaultyChatModel("refuse"), FaultyChatModel("garbage")])
def test_without_a_model_that_can_be_used_it_quotes(bench, model):
    report = bench(model).run()
    assert {section.standing for section in report.sections} <= {"quoted", "written"}
    assert "80 AD" in report.sections[0].text
    assert numbers_in(report) <= {citation.number for citation in report.citations}


def test_a_model_that_declines_leaves_a_silent_section(bench):
    report = bench(ScriptedChatModel(["NOT IN PASSAGES", *SAID[1:]])).run()
    assert report.sections[0].standing == "silent"


# ---------------------------------------------------------------- killed


@pytest.mark.parametrize("when", ["before", "within", "after"])
@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_a_kill_at_any_step_loses_nothing(bench, scripted, when, step):
    undisturbed = bench(scripted())
    wanted = undisturbed.run()
    assert len(undisturbed.finished) == STEPS
    here = bench(None)
    # replies of a step that was cut off are asked for again
    said = list(SAID)
    model_steps = [name for name in undisturbed.finished if name.startswith("read") or name == "summary"]
    names = list(undisturbed.finished)
    if when == "within" and names[step - 1] in model_steps:
        at = model_steps.index(names[step - 1])
        said.insert(at, said[at])
    here.model = ScriptedChatModel(said)
    with pytest.raises(Killed):
        here.run(die=lambda moment, number: (moment, number) == (when, step))
    report = here.run()
    assert whole(report) == whole(wanted)
    assert set(here.finished.values()) == {1}
    assert here.begun.total() == STEPS + (when == "within")


def test_killed_at_every_step_in_turn(bench, scripted):
    here = bench(scripted())
    for step in range(1, STEPS + 1):
        with pytest.raises(Killed):
            here.run(die=lambda moment, number, step=step: (moment, number) == ("after", step))
    report = here.run()
    assert here.begun == here.finished
    assert set(here.finished.values()) == {1}
    assert whole(report) == whole(bench(scripted()).run())


def test_it_can_be_stopped_at_any_word(bench):
    model = ScriptedChatModel(["It was finished in 80 AD [1]."] * 4)
    here = bench(model)
    heard = 0

    def stop() -> None:
        nonlocal heard
        heard += 1
        if len(model.calls) == 1:  # in the middle of the first reply
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        here.run(tell=stop)
    assert heard
    assert [note.name for note in here.notebook.notes(STUDY)] == ["plan", "look 1", "look 2"]
    assert here.run().sections[0].standing == "written"


# ---------------------------------------------------------------- budgets


def test_steps_beyond_the_budget_are_not_taken_and_the_report_says_so(bench, scripted):
    here = bench(scripted(), inquiry=replace(ASKED, max_steps=6))
    report = here.run()
    assert report.steps + 1 <= 6
    assert any("budget was spent" in limit for limit in report.limits)
    assert "skipped" in [section.standing for section in report.sections]


def test_tokens_beyond_the_budget_are_not_written(bench):
    model = ScriptedChatModel([SAID[0]])
    report = bench(model, inquiry=replace(ASKED, max_tokens=20)).run()
    assert [section.standing for section in report.sections] == ["written", "quoted"]
    assert len(model.calls) == 1


def test_time_is_counted_over_restarts(bench):
    here = bench(ScriptedChatModel([]), inquiry=replace(ASKED, max_seconds=0.0))
    assert {section.standing for section in here.run().sections} == {"quoted"}


# ---------------------------------------------------------------- what changed meanwhile, and the web


def test_a_document_that_went_meanwhile_is_told(bench, scripted):
    here = bench(scripted())
    with pytest.raises(Killed):
        here.run(die=lambda moment, number: (moment, number) == ("after", 6))
    with here.shelf.store.begin() as unit:
        unit.documents.remove("rome")
    report = here.run()
    assert report.unresolved == (1,)
    assert any("[1]" in limit for limit in report.limits)


def test_a_citation_resolves_where_its_place_is_there(bench, scripted):
    here = bench(scripted())
    citation = here.run().citations[0]
    assert resolves(citation, here.shelf.page)
    assert not resolves(replace(citation, page=9), here.shelf.page)
    assert not resolves(replace(citation, end=10_000), here.shelf.page)


def test_the_web_is_read_when_it_was_allowed_and_its_address_is_cited(bench):
    def web(question: str) -> WebFound:
        return WebFound((WebText("https://example.org/towers", "Towers", "The tower of Orla is 31 metres tall."),))

    asked = replace(ASKED, parts=("How tall is the tower of Orla?",), web=True)
    model = ScriptedChatModel(["The tower of Orla is 31 metres tall [1]."] * 3)
    report = bench(model, inquiry=asked, web=web).run()
    sources = {citation.source for citation in report.citations if not citation.document_id}
    assert sources == {"https://example.org/towers"}
    assert report.unresolved == ()


def test_the_web_is_not_asked_unless_it_was_allowed(bench, scripted):
    def web(question: str) -> WebFound:
        raise AssertionError("nobody allowed this")

    bench(scripted(), web=web).run()
