"""Letting another embedder serve, or the same one from a new index: built beside the one that serves, then swapped.

The swap is one transaction of the store. Before it the first generation serves, after it the second; a crash on either
side leaves a library that knows where it stands.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from basicchat.core.errors import BasicChatError, StoreError
from basicchat.core.generations import Generation
from basicchat.core.protocols import Embedder, Store, Tell, VectorIndex
from basicchat.ingest.build import Build
from basicchat.ingest.generations import Generations
from basicchat.ingest.standing import Kept, Standing, keep_standing, name_for, standing_in

log = logging.getLogger(__name__)


class Switch:
    """The generations of a library, and the way from one to the next.

    ``open_index`` gives the index of a name, ``make_embedder`` the embedder of a setting; neither is used before its
    time. ``first`` is what serves in a library that nobody has decided about.
    """

    def __init__(
        self,
        *,
        store: Store,
        open_index: Callable[[str], VectorIndex],
        make_embedder: Callable[[str], Embedder],
        first: Kept,
        configured: str,
        batch_size: int,
    ) -> None:
        self._store = store
        self._open_index = open_index
        self._make_embedder = make_embedder
        self._batch_size = batch_size
        self._embedders: dict[str, Embedder] = {}
        self._open: dict[str, Generation] = {}
        self.configured = configured
        self._standing = self._first_standing(Standing(first, configured=first.embedder))
        self.generations = Generations(self._opened(self._standing.active), self._others())

    @property
    def standing(self) -> Standing:
        """Which generations there are."""
        return self._standing

    def wished(self) -> str | None:
        """The embedder that the settings ask for since somebody changed them, None where they did not change."""
        changed = self.configured not in (self._standing.configured, self._standing.active.embedder)
        return self.configured if changed else None

    def model_of(self, embedder: str) -> str:
        """The name with digest of an embedder as it is now. Raises `DependencyMissing` or `ProviderError`."""
        return self._embedder(embedder).name

    def planned(self, embedder: str) -> Kept:
        """The generation to build for an embedder: one that is there already, or a new one.

        Raises `DependencyMissing` or `ProviderError` where the embedder cannot be used.
        """
        model = self._embedder(embedder).name
        for kept in (self._standing.building, self._standing.previous):
            if kept is not None and (kept.embedder, kept.model) == (embedder, model):
                return kept
        return self.renewed(embedder)

    def renewed(self, embedder: str) -> Kept:
        """A new generation of an embedder. Raises as `planned` does."""
        standing = self._standing
        taken = {each.name for each in standing.kept} | set(standing.dropped)
        return Kept(name_for(embedder, taken), embedder, self._embedder(embedder).name)

    def begin(self, target: Kept) -> None:
        """Decide to build ``target``. What is added or removed from now on reaches it too, at the latest in the end."""
        self.remember_model()
        self._decide(lambda standing: replace(standing, configured=self.configured).began(target))

    def carry_out(self, target: Kept, tell: Tell) -> None:
        """Build ``target`` as far as it is not built, and let it serve. What ``tell`` raises stops it.

        Raises `Conflict` when something else was decided meanwhile.
        """
        if self._standing.active.name == target.name:
            return
        if self._standing.building != target:
            self.begin(target)
        build = Build(self._opened(target), self._store, self.generations, self._batch_size)
        build.run(lambda: self._decide(lambda standing: standing.swapped(target)), tell=tell)
        self.sweep()

    def stay(self) -> None:
        """Decide to build nothing, and to let what serves serve on."""
        self._decide(lambda standing: replace(standing, configured=self.configured).gave_up())
        self.sweep()

    def forget_previous(self) -> Kept | None:
        """Drop the generation that served before; which one that was. Its vectors in the store go too."""
        gone = self._standing.previous
        if gone is None:
            return None
        self._decide(Standing.forgot_previous)
        if gone.model and all(gone.model != each.model for each in self._standing.kept):
            with self._store.begin() as unit:
                unit.documents.forget_vectors(gone.model, unit.documents.kept(gone.model))
        self.sweep()
        return gone

    def sweep(self) -> None:
        """Throw away the files of dropped indexes, once nobody searches them any more."""
        dropped = self._standing.dropped
        for name in dropped:
            self.generations.wait_until_left(name)
            held = self._open.pop(name, None)
            index = held.vectors if held is not None else self._open_index(name)
            index.reset()
            index.close()
        if dropped:
            self._decide(lambda standing: standing.swept(dropped))
        wanted = {each.embedder for each in self._standing.kept}
        self._embedders = {name: each for name, each in self._embedders.items() if name in wanted}

    def remember_model(self) -> None:
        """Let the store know which weights made the vectors that serve, where it does not know yet."""
        if self._standing.active.model:
            return
        with suppress(BasicChatError):
            model = self._embedder(self._standing.active.embedder).name
            self._decide(lambda standing: replace(standing, active=replace(standing.active, model=model)))

    def close(self) -> None:
        """Release every index."""
        for generation in self._open.values():
            generation.vectors.close()

    def _first_standing(self, first: Standing) -> Standing:
        """What the store says; where it says nothing yet, it is told. One that cannot be read complains elsewhere."""
        try:
            with self._store.begin() as unit:
                standing = standing_in(unit)
                if standing is None:
                    keep_standing(unit, first)
                return standing or first
        except StoreError as error:
            log.warning("which index serves is not known: %s", error)
            return first

    def _decide(self, change: Callable[[Standing], Standing]) -> None:
        """Change what the store says and what serves, in this order, while nobody changes an index."""
        with self.generations.changing():
            with self._store.begin() as unit:
                after = change(standing_in(unit) or self._standing)
                keep_standing(unit, after)
            self._standing = after
            self.generations.put(self._opened(after.active), self._others())

    def _others(self) -> list[Generation]:
        return [self._opened(kept) for kept in self._standing.kept[1:]]

    def _opened(self, kept: Kept) -> Generation:
        if kept.name not in self._open:
            self._open[kept.name] = Generation(kept.name, self._embedder(kept.embedder), self._open_index(kept.name))
        return self._open[kept.name]

    def _embedder(self, name: str) -> Embedder:
        if name not in self._embedders:
            self._embedders[name] = self._make_embedder(name)
        return self._embedders[name]
