"""The one guarded way to the network."""

from basicchat.adapters.web.fetch import GuardedFetcher

__all__ = ["GuardedFetcher"]
