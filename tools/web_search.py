"""Searches the web."""

from __future__ import annotations

from typing import Annotated

from basicchat.toolbox import InvalidInput, Source, Sources, Toolkit, tool

MOST_RESULTS = 20
MOST_QUERY = 400


@tool(permissions=["network"], cost="seconds", version="1", tainted=True)
def web_search(
    toolkit: Toolkit,
    query: Annotated[str, "What to look for. It goes to a search engine: nothing private belongs in it."],
    limit: Annotated[int, "Results at most, 1 to 20."] = 5,
) -> Sources:
    """Search the web; gives titles, addresses and snippets. If the search engines cannot be reached it says so."""
    wanted = " ".join(query.split())
    if not wanted or len(wanted) > MOST_QUERY:
        raise InvalidInput(f"A query has 1 to {MOST_QUERY} characters.")
    found = toolkit.search.search(wanted, limit=max(1, min(limit, MOST_RESULTS)), seconds=toolkit.seconds())
    return Sources(tuple(Source(each.title, each.snippet, address=each.address) for each in found))
