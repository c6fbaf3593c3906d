"""The plan of a report: the questions that its sections answer."""

from __future__ import annotations

from collections.abc import Sequence

from basicchat.core.errors import BasicChatError, Cancelled, DependencyMissing, StoreError
from basicchat.core.research import Inquiry
from basicchat.core.types import Json
from basicchat.reason.prompts import research as prompt_of
from basicchat.reason.research.desk import Place
from basicchat.reason.rewrite.parts import parts
from basicchat.reason.structured import asked_for, texts_of
from basicchat.retrieve.terms import terms

PLAN_TOKENS = 200
SAME = 0.75  # share of words in common (Jaccard) from which two questions are one
LEAST_WORDS = 3  # of a question that says what it is about


def planned(place: Place, inquiry: Inquiry) -> tuple[tuple[str, ...], str]:
    """The parts of an inquiry, at least one, and why no model made the plan, empty where one did.

    The person's own parts are taken as they are. Otherwise the question comes first, as it was asked, then what a model
    makes of it, or its own parts where the model fails: a plan that drifts leaves the question itself looked into.
    """
    if inquiry.parts:
        return tuple(dict.fromkeys(inquiry.parts))[: inquiry.most_parts], ""
    try:
        found, problem = _by_model(place, inquiry), ""
    except (Cancelled, StoreError):
        raise
    except BasicChatError as error:
        found, problem = parts(inquiry.question), f"The plan was made without a model: {error}"
    whole = [inquiry.question, *(each for each in found if _stands_alone(each))]
    return unlike(whole, most=inquiry.most_parts), problem


def unlike(questions: Sequence[str], *, most: int) -> tuple[str, ...]:
    """At most ``most`` of the questions, in order, without those that repeat an earlier one in other words."""
    kept: list[str] = []
    for question in questions:
        words = set(terms(question))
        if all(_shared(words, set(terms(other))) < SAME for other in kept):
            kept.append(question)
    return tuple(kept[:most])


def _by_model(place: Place, inquiry: Inquiry) -> tuple[str, ...]:
    if inquiry.most_parts < 2:
        return ()
    model = place.task.model
    if model is None:
        raise DependencyMissing("A chat model", hint="Fetch one with: basicchat models pull")
    most = inquiry.most_parts - 1

    def read(value: Json) -> tuple[str, ...]:
        return texts_of(value, "questions", most=most)

    return place.finished(
        asked_for(
            place.steps,
            model,
            prompt_of.messages(inquiry.question, most=most),
            schema=prompt_of.schema(most),
            read=read,
            tokens=PLAN_TOKENS,
        )
    )


def _stands_alone(question: str) -> bool:
    return len(question.split()) >= LEAST_WORDS and "#" not in question


def _shared(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 1.0
