"""Foreign errors of model servers, told in the program's own words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import ollama

from basicchat.core.errors import (
    BadReply,
    BasicChatError,
    ContextOverflow,
    InvalidInput,
    NotFound,
    ProviderTimeout,
    ProviderUnavailable,
    RateLimited,
)

_OVERFLOW = ("context window", "context size", "context length", "exceeds the available context", "num_ctx")


def from_status(status: int, detail: str, *, provider: str, model: str) -> BasicChatError:
    """The error that an HTTP status and the server's own words stand for. ``status`` -1: said inside a stream."""
    said = detail.strip() or f"HTTP {status}"
    name = f"{model} on {provider}" if model else provider
    if any(words in said.lower() for words in _OVERFLOW):
        return ContextOverflow(f"The prompt does not fit: {said}", provider=provider, model=model)
    if status == 404:
        return NotFound(f"{provider} has no model {model!r}: {said}", hint="Choose another model on the Status page.")
    if status == 429:
        return RateLimited(f"{name} asks to slow down: {said}", provider=provider, model=model)
    if status in {408, 504}:
        return ProviderTimeout(f"{name} took too long: {said}", provider=provider, model=model)
    if 400 <= status < 500:
        return InvalidInput(f"{name} refused the request: {said}")
    return ProviderUnavailable(f"{name} failed: {said}", provider=provider, model=model)


@contextmanager
def translated(*, provider: str, model: str = "", lost: Callable[[], None] | None = None) -> Iterator[None]:
    """Run one exchange with a server; whatever goes wrong in it leaves as an error of our own tree.

    ``lost`` is called when the server could not be reached or hung up.
    """
    name = f"{model} on {provider}" if model else provider
    try:
        yield
    except ollama.ResponseError as error:
        raise from_status(error.status_code, str(error.error), provider=provider, model=model) from error
    except httpx.ConnectTimeout as error:
        raise ProviderUnavailable(f"{provider} does not answer.", provider=provider, model=model) from error
    except httpx.TimeoutException as error:
        raise ProviderTimeout(f"{name} was silent for too long.", provider=provider, model=model) from error
    except (httpx.TransportError, ConnectionError) as error:
        if lost is not None:
            lost()
        said = "broke off" if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError) else "does not answer"
        raise ProviderUnavailable(f"{provider} {said}.", provider=provider, model=model) from error
    except (ValueError, TypeError, AttributeError, KeyError, IndexError) as error:
        # The official client meets bytes that are not the protocol with whichever of these comes first.
        raise BadReply(
            f"{name} answered something that is not its protocol.", provider=provider, model=model
        ) from error
