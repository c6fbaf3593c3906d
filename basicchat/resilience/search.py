"""Several search engines as one: the next is asked when one cannot answer, and left alone while it fails."""

from __future__ import annotations

import time
from collections.abc import Sequence

from basicchat.core.errors import BasicChatError, CircuitOpen, ProviderError, ProviderUnavailable
from basicchat.core.protocols import WebSearch
from basicchat.core.tools import WebResult
from basicchat.resilience.breaker import BreakerPolicy, CircuitBreaker


class FallbackSearch:
    """A `WebSearch` that asks its engines in order. Threads may share it.

    An engine that finds nothing is followed by the next, too: a page whose form has changed reads as if it were empty.
    """

    name = "web search"

    def __init__(self, engines: Sequence[WebSearch], *, policy: BreakerPolicy | None = None) -> None:
        self._engines = tuple(engines)
        self._breakers = tuple(CircuitBreaker(each.name, policy) for each in self._engines)

    def search(self, text: str, *, limit: int, seconds: float) -> Sequence[WebResult]:
        """The results of the first engine that has some; none where those that answered have none.

        Raises `ProviderUnavailable`, which names every engine and its reason, where none answered.
        """
        ends, reasons, answered = time.monotonic() + seconds, list[str](), False
        last: BasicChatError | None = None
        for engine, breaker in zip(self._engines, self._breakers, strict=True):
            left = ends - time.monotonic()
            if left <= 0:
                break
            try:
                with breaker.guard():
                    found = engine.search(text, limit=limit, seconds=left)
            except (ProviderError, CircuitOpen) as error:
                last = error
                reasons.append(f"{engine.name}: {str(error).rstrip('.')}")
                continue
            answered = True
            if found:
                return found
        if answered:
            return []
        raise ProviderUnavailable(
            f"No search engine answered ({'; '.join(reasons) or 'none is configured, or there was no time'}).",
            provider=self.name,
            hint="Try again later, or work without the web.",
        ) from last
