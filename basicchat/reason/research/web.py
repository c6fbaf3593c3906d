"""The web for an inquiry, through the toolbox: its permissions, its limits, its record."""

from __future__ import annotations

from collections.abc import Sequence, Set

from basicchat.core.errors import BasicChatError, Cancelled
from basicchat.core.tools import Sources, Text
from basicchat.reason.research.desk import WebFound, WebText
from basicchat.toolbox import Ask, Grant, Request, Toolbox

SEARCH, PAGE = "web_search", "web_page"
RESULTS = 3
MOST_CHARACTERS = 12_000  # of a page


class WebThroughTools:
    """Searches the web with questions of a plan, and reads the pages that the search engine named.

    The person allowed this for the inquiry, and that is all that is granted: a search for a question in whose making no
    word of a document had a part, and pages at exactly the addresses that it gave. A tool that is turned off stays off.
    """

    def __init__(self, tools: Toolbox) -> None:
        self._tools = tools

    def __call__(self, question: str) -> WebFound:
        """What the web has on a question. A failure is told, never replaced by something made up."""
        try:
            result = self._tools.call(SEARCH, {"query": question, "limit": RESULTS}, ask=_granted({SEARCH}, ()))
        except Cancelled:
            raise
        except BasicChatError as error:
            return WebFound(problem=f"The web was not searched for “{question}”: {error}")
        sources = [source for part in result.parts if isinstance(part, Sources) for source in part.sources]
        addresses = [source.address for source in sources]
        texts = [
            WebText(each.address, each.title, self._page(each.address, addresses) or each.quote)
            for each in sources[:RESULTS]
        ]
        kept = tuple(each for each in texts if each.text.strip())
        return WebFound(kept, "" if kept else f"The web had nothing to read for “{question}”.")

    def _page(self, address: str, addresses: Sequence[str]) -> str:
        """The text of a page, empty where it cannot be read: then what the search engine says of it has to do."""
        try:
            ask = _granted({PAGE}, addresses)
            result = self._tools.call(PAGE, {"address": address}, ask=ask, tainted=True)
        except Cancelled:
            raise
        except BasicChatError:
            return ""
        return "\n".join(part.text for part in result.parts if isinstance(part, Text))[:MOST_CHARACTERS]


def _granted(names: Set[str], addresses: Sequence[str]) -> Ask:
    """Says yes to calls of these tools, to pages only at these addresses."""

    def ask(request: Request) -> Grant:
        at = request.arguments.get("address")
        return "yes" if request.tool.name in names and (at is None or at in addresses) else "no"

    return ask
