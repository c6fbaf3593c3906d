"""What a model is told whose JSON does not fit."""

VERSION = "fitting-1"


def request(problem: str) -> str:
    """The problem, and what to do about it."""
    return f"That does not fit: {problem}. Reply again with the JSON object alone."
