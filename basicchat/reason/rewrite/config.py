"""Which steps stand between a question and the texts that are searched with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from basicchat.reason.rewrite.standalone import Rules

FollowUps = Literal["rules", "model", "off"]


@dataclass(frozen=True)
class RewriteConfig:
    """Steps to take. ``follow_ups`` says who makes follow-ups stand alone: nobody, rules, or the chat model.

    ``decompose`` searches the parts of compound questions too, ``expand`` searches again with words of the first
    passages, ``hypothetical`` searches with what a model thinks the answer looks like too. A model gets
    ``model_seconds`` for a step; one that needs longer is not waited for.
    """

    follow_ups: FollowUps = "rules"
    decompose: bool = False
    expand: bool = False
    hypothetical: bool = False
    model_seconds: float = 4.0
    rules: Rules = field(default_factory=Rules)
