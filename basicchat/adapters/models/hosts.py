"""Which hosts have to be asked to fetch models: what is named in the settings, and where those keep their files."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

STORES = {
    "pypi.org": ("files.pythonhosted.org",),
    "test.pypi.org": ("test-files.pythonhosted.org",),
    "huggingface.co": ("*.huggingface.co", "*.hf.co"),
}
"""Hosts that hand their files out from elsewhere. Anything else, such as a mirror, must hold its files itself."""


def hosts_of(*, registries: Sequence[str], hub: str) -> tuple[str, ...]:
    """Hosts for the fetcher's list. Those named in the settings are named in full, so they may be inside a company."""
    named = [(urlsplit(address).hostname or "").lower() for address in (*registries, hub)]
    stores = [store for host in named for store in STORES.get(host, ())]
    return tuple(dict.fromkeys(host for host in (*named, *stores) if host))
