"""Documents that a question names."""

from __future__ import annotations

from basicchat.core.types import Document
from basicchat.retrieve.about import affinity


def document(name: str, *, external_id: str | None = None) -> Document:
    return Document(name, "default", f"/filings/{name}.pdf", name, "application/pdf", name, 1, 1, 0.0, external_id)


FILINGS = [document(name) for name in ("BESTBUY_2019_10K", "BESTBUY_2023_10K", "NIKE_2019_10K")]


def test_the_name_and_the_year_point_at_a_file() -> None:
    fits = affinity("What was Best Buy's inventory in FY2019?", FILINGS)
    assert fits["BESTBUY_2019_10K"] == 1.0
    assert fits["BESTBUY_2019_10K"] > fits["BESTBUY_2023_10K"] > 0.0


def test_a_question_that_names_nothing_points_nowhere() -> None:
    assert set(affinity("How are you?", FILINGS).values()) == {0.0}
    assert affinity("How are you?", []) == {}


def test_records_are_not_named() -> None:
    assert affinity("Nike", [document("Nike", external_id="7")]) == {"Nike": 0.0}
