"""One answer: steps on one line, the text with chips, sources as cards, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

import streamlit as st

from basicchat.core.types import Step
from basicchat.ui import render, state
from basicchat.ui.components import consent, notices
from basicchat.ui.components.consent import Consent
from basicchat.ui.live import LiveAnswer
from basicchat.ui.places import OpenSource, Place
from basicchat.ui.render import Shown
from basicchat.ui.text import answer_markdown, plain, shorten

NEAREST = 3
"""Passages shown when the documents do not say."""

LONG_WAIT = 4
"""Seconds without a word after which the page says how long it has been."""


@dataclass(frozen=True, slots=True)
class Actions:
    """What the buttons under an answer do: let the same be answered anew, without documents or without one of its
    sources (by id), repair it, or let a tool run.
    """

    again: Callable[[], None]
    without_documents: Callable[[], None]
    repair: Callable[[], None] | None = None
    consent: Consent | None = None
    leave_out: Callable[[str], None] | None = None


def question(text: str, *, key: str) -> None:
    """What the reader asked."""
    with st.container(key=f"question-{key}"):
        st.markdown(_lines(text))


def draw(answer: Shown, *, key: str, actions: Actions | None = None) -> None:
    """A whole answer. ``key`` is its turn's id, without dashes; ``actions`` only for the last one."""
    with st.container(key=f"answer-{key}"):
        _steps(answer)
        if answer.failure:
            _text(answer, key=key)
            notices.card(answer.failure)
        elif answer.abstained:
            _abstention(answer, key=key, actions=actions)
        else:
            _text(answer, key=key)
            consent.used(answer.calls, key=key)
            _conflicts(answer, key=key)
            _sources(answer, key=key)
        consent.cards(answer.calls, key=key, consent=actions.consent if actions else None)
        for warning in answer.warnings:
            notices.warning(warning)
        _below(answer, key=key, actions=actions)


def follow(live: LiveAnswer, *, key: str) -> Shown:
    """Draw an answer while it is made; returns it as it ended. Nothing above the growing text moves."""
    answer = Shown(text="", steps="")
    with st.container(key="live-answer"):
        steps = st.empty()
        with st.container(key="live-steps"):
            taken = st.empty()
        with st.container(key="live-text"):
            words = st.empty()
        drawn: tuple[str, str] = ("", "")
        began = monotonic()
        for events in live.follow():
            answer = render.shown(events)
            label = "Stopping" if live.stopping else answer.steps
            waited = int(monotonic() - began)
            if not answer.text and waited >= LONG_WAIT:
                label += f" · {waited} s"
            if label != drawn[0]:
                steps.caption(f":material/progress_activity: {plain(label)}…")
            if answer.taken:
                taken.caption("  \n".join(_step(step) for step in answer.taken))
            numbers = {place.number for place in render.places(answer)} or set(range(1, 100))
            if answer.text != drawn[1]:
                words.markdown(answer_markdown(answer.text, key=key, numbers=numbers) + " ▍")
            elif not answer.text:
                words.caption(" ")  # touching the page lets a click on Stop through
            drawn = (label, answer.text)
    return answer


def _steps(answer: Shown) -> None:
    if answer.earlier:
        made = render.when(answer.earlier.made_at, now=datetime.now().astimezone())
        asked = plain(shorten(answer.earlier.question, 80))
        st.caption(f":material/history: From an earlier answer to “{asked}”, {made}")
    if not answer.steps:
        return
    if not answer.details and not answer.taken:
        st.caption(plain(answer.steps))
        return
    with st.expander(plain(answer.steps), type="compact"):
        for step in answer.taken:
            st.caption("  \n".join([_step(step), *(plain(line) for line in step.detail.splitlines())]))
        for line in answer.details:
            st.caption(plain(line))


def _step(step: Step) -> str:
    return f"{render.STEP_STATES[step.status][0]} {plain(shorten(render.step_line(step), 160))}"


def _text(answer: Shown, *, key: str) -> None:
    if not answer.text:
        return
    with st.container(key=f"text-{key}"):
        numbers = {citation.number for citation in answer.citations}
        st.markdown(answer_markdown(answer.text, key=key, numbers=numbers, doubted=answer.doubted))
    if answer.doubted:
        with st.container(key=f"doubted-{key}"):
            st.caption(f":material/help: {render.legend(len(answer.doubted))}")


def _conflicts(answer: Shown, *, key: str) -> None:
    for index, conflict in enumerate(answer.conflicts):
        with st.container(key=f"conflict-{key}-{index}", border=True, gap="small"):
            st.markdown(":orange[:material/alt_route:] **Sources disagree**")
            sides = render.sides(conflict)
            for side, (place, statement) in enumerate(zip(sides, conflict.statements, strict=True)):
                said = f"**{plain(shorten(statement.value, 60))}** — “{plain(shorten(statement.quote, 150))}”"
                label = f"{plain(shorten(place.title, 40))}, {plain(place.short)}: {said}"
                _card(sides, side, key=f"near-{key}-conflict-{index}-{side}", label=label)


def _sources(answer: Shown, *, key: str) -> None:
    found = render.places(answer) if answer.citations else ()
    if not found:
        return
    with st.container(key=f"sources-{key}", horizontal=True, gap="small"):
        for index, place in enumerate(found):
            _card(found, index, key=f"card-{key}-{index}", label=_card_label(place))


def _card_label(place: Place) -> str:
    return f"**{place.number}** {plain(shorten(place.title, 34))} · {plain(shorten(place.short, 24))}"


def _card(found: tuple[Place, ...], index: int, *, key: str, label: str) -> None:
    st.button(label, key=key, on_click=state.show_source, args=(OpenSource(found, index),))


def _abstention(answer: Shown, *, key: str, actions: Actions | None) -> None:
    with st.container(key=f"abstained-{key}", border=True):
        st.markdown("##### Your documents do not say", anchors=False)
        looked = render.count(len({passage.document.id for passage in answer.passages}), "document")
        st.markdown(
            f"The passages found in {looked} do not answer this. These came nearest:"
            if answer.passages
            else "Nothing in your documents comes near this question."
        )
        nearest = tuple(sorted(render.places(answer), key=lambda place: place.number))[:NEAREST]
        for index, place in enumerate(nearest):
            label = f"“{plain(shorten(place.quote, 150))}” — {plain(shorten(place.title, 40))}, {plain(place.short)}"
            _card(nearest, index, key=f"near-{key}-{index}", label=label)
        slot = st.empty()
        if actions:
            slot.button(
                "Answer without documents",
                key=f"without-{key}",
                icon=":material/forum:",
                type="primary",
                on_click=actions.without_documents,
            )


def _below(answer: Shown, *, key: str, actions: Actions | None) -> None:
    with st.container(key=f"below-{key}", horizontal=True, vertical_alignment="center", gap="small"):
        if answer.text and not answer.abstained:
            st.button("Copy answer", key=f"copy-{key}", icon=":material/content_copy:", type="tertiary")
        slot = st.empty()
        if actions:
            label = "Ask afresh" if answer.earlier else "Ask again"
            slot.button(label, key=f"again-{key}", icon=":material/refresh:", type="tertiary", on_click=actions.again)
        if actions and actions.repair and answer.doubted:
            _repair(actions.repair, key=key)
        if actions and actions.leave_out:
            _leave_out(answer, actions.leave_out, key=key)
        if answer.traced and key != "live":
            _trace(key)
        notes = [note for note in (answer.footer, answer.support, "stopped" if answer.stopped else "") if note]
        if notes and not answer.abstained:
            st.caption(plain(" · ".join(notes)))


def _leave_out(answer: Shown, leave_out: Callable[[str], None], *, key: str) -> None:
    """A menu of the sources, each to be answered without; nothing where none is cited."""
    cited = {each.document_id: each.title or each.source for each in answer.citations}
    if not cited:
        return
    words = "Answer again without one of these sources, to see what rests on it"
    with st.popover(
        "Leave out", key=f"leave-out-{key}", icon=":material/playlist_remove:", type="tertiary", help=words
    ):
        for number, (document_id, title) in enumerate(cited.items()):
            st.button(
                f"Without {plain(shorten(title, 60))}",
                key=f"leaving-{key}-{number}",
                type="tertiary",
                on_click=leave_out,
                args=(document_id,),
            )


def _trace(key: str) -> None:
    help_text = "How this answer was made: searches, prompts, times"
    if st.button("Trace", key=f"trace-{key}", icon=":material/timeline:", type="tertiary", help=help_text):
        state.open_trace(key)


def _repair(repair: Callable[[], None], *, key: str) -> None:
    pressed = st.button(
        "Repair",
        key=f"repair-{key}",
        icon=":material/build:",
        type="tertiary",
        help="Have the model write the sentences without support anew from the passages, or take them out",
    )
    if pressed:
        with st.spinner("Repairing"):
            repair()
        st.rerun()


def _lines(text: str) -> str:
    """Text as typed: every line on its own, nothing in it means anything."""
    return "  \n".join(plain(line) for line in text.strip().splitlines())
