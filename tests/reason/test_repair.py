"""A repair rewrites or takes out what no passage supports, and never adds what none does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.core.errors import InvalidInput
from basicchat.core.grounding import unsupported, unsupported_remark
from basicchat.core.types import Answer
from basicchat.reason.attribute import citations
from basicchat.reason.repair import repaired
from basicchat.reason.support import Grounds
from basicchat.reason.verify import check
from basicchat.testing.chat import ScriptedChatModel

from .conftest import passage

PASSAGES = (
    passage(1, "Sales rose to 4,200 units in 2019. Ada Byron called it a good year."),
    passage(2, "Sales fell to 3,900 units in 2020."),
)
QUESTION = "How were sales?"
TEXT = "Sales rose to 4,300 units in 2019 [1]. Sales fell to 3,900 units in 2020 [2].\n\n- Elephants danced all night."


def answer(text: str = TEXT) -> Answer:
    sentences = check(text, Grounds(PASSAGES, question=QUESTION))
    cited = citations(text, PASSAGES, question=QUESTION)
    warnings = ("Another.", unsupported_remark(unsupported(text, sentences)))
    return Answer(text, False, "direct", "m", cited, PASSAGES, warnings=warnings, sentences=sentences)


def repair(reply: str, text: str = TEXT) -> Answer:
    return repaired(answer(text), QUESTION, ScriptedChatModel([reply]), max_tokens=200)


def test_a_sentence_is_rewritten_with_support_and_another_is_dropped() -> None:
    found = repair("A: Sales rose to 4,200 units in 2019 [1].\nB: DROP")
    assert found.text == "Sales rose to 4,200 units in 2019 [1]. Sales fell to 3,900 units in 2020 [2]."
    assert {each.verdict for each in found.sentences} == {"supported"}
    assert found.warnings == ("Another.",)
    assert [citation.number for citation in found.citations] == [1, 2]


@pytest.mark.parametrize("reply", ["", "A: DROP", "A: Sales rose to 5,000 units [1].", "I cannot.", "A: It is so."])
def test_what_the_model_writes_without_support_is_not_taken(reply: str) -> None:
    assert repair(reply).text == "Sales fell to 3,900 units in 2020 [2]."


def test_there_may_be_nothing_to_repair_or_nothing_left() -> None:
    with pytest.raises(InvalidInput, match="has support"):
        repair("", "Sales fell to 3,900 units in 2020 [2].")
    with pytest.raises(InvalidInput, match="No sentence"):
        repair("A: DROP", "Elephants danced all night.")


@given(st.text(alphabet="ABC:[]12. \nSalesrose4,200in19DROP", max_size=80))
def test_no_reply_leaves_a_sentence_without_support(reply: str) -> None:
    found = repair(reply)
    assert unsupported(found.text, found.sentences) == ()
    assert {citation.number for citation in found.citations} <= {1, 2}
