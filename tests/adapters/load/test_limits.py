from __future__ import annotations

import pytest

from basicchat.adapters.load import limits as told
from basicchat.adapters.load.limits import ParseLimits


def test_a_large_file_may_take_longer_and_give_more() -> None:
    limits = ParseLimits()
    large = limits.for_size(100 * 2**20)
    assert large.cpu_seconds > limits.cpu_seconds
    assert large.wall_seconds > limits.wall_seconds
    assert large.output_mb > limits.output_mb
    assert (large.memory_mb, large.pages, large.idle_seconds) == (limits.memory_mb, limits.pages, limits.idle_seconds)


def test_an_empty_file_has_the_plain_limits() -> None:
    assert ParseLimits().for_size(0) == ParseLimits()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (told.took_too_much_memory(ParseLimits()), "more memory than 2 GB"),
        (told.took_too_much_memory(ParseLimits(memory_mb=512)), "more memory than 512 MB"),
        (told.computed_too_long(ParseLimits()), "5 minutes of computing"),
        (told.took_too_long(ParseLimits(wall_seconds=7200)), "longer than 2.0 hours"),
        (told.fell_silent(ParseLimits(idle_seconds=2.5)), "stood still for 2.5 seconds"),
        (told.gave_too_much(ParseLimits()), "more than 256 MB of text"),
        (told.too_many_pages(ParseLimits()), "more than 50,000 pages"),
        (told.crashed("exit code 3"), "crashed on this file (exit code 3)"),
    ],
)
def test_every_limit_says_what_it_was_and_what_to_do(error: Exception, words: str) -> None:
    assert words in str(error)
    assert error.hint  # type: ignore[attr-defined]
