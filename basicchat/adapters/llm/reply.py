"""A streamed reply that can be stopped from another thread."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing

from basicchat.adapters.llm.connection import StreamConnection
from basicchat.adapters.llm.failures import translated
from basicchat.core.errors import BadReply, Cancelled
from basicchat.core.types import Delta


class ReplyStream:
    """The deltas of one reply. Nothing is sent before the first one is asked for.

    ``connect`` opens the connection, ``read`` sends the request over it and reads the deltas, ``lost`` hears when
    the server could not be reached or hung up. A reply that ends without a delta that is done raises `BadReply`.
    """

    def __init__(
        self,
        connect: Callable[[], StreamConnection],
        read: Callable[[StreamConnection], Generator[Delta]],
        *,
        provider: str,
        model: str,
        lost: Callable[[], None] | None = None,
    ) -> None:
        self._connect = connect
        self._read = read
        self._provider = provider
        self._model = model
        self._lost = lost
        self._connection: StreamConnection | None = None
        self._aborted = False
        self._deltas = self._run()

    def __iter__(self) -> Iterator[Delta]:
        return self

    def __next__(self) -> Delta:
        return next(self._deltas)

    def close(self) -> None:
        """Stop the generation and release the connection."""
        self._deltas.close()

    def abort(self) -> None:
        """Stop the generation from another thread; the one that waits gets `Cancelled`."""
        self._aborted = True
        if self._connection is not None:
            self._connection.abort()

    def _run(self) -> Generator[Delta]:
        self._connection = connection = self._connect()
        with (
            closing(connection),
            translated(provider=self._provider, model=self._model, lost=self._hung_up),
            closing(self._read(connection)) as deltas,
        ):
            for delta in deltas:
                if self._aborted:
                    break
                yield delta
                if delta.done:
                    return
        if self._aborted:
            raise Cancelled("The reply was stopped.")
        raise BadReply(
            f"{self._provider} ended the reply before it was done.", provider=self._provider, model=self._model
        )

    def _hung_up(self) -> None:
        if self._aborted:
            raise Cancelled("The reply was stopped.")
        if self._lost is not None:
            self._lost()
