"""The package registry's simple page: PEP 503 in HTML, PEP 691 in JSON. Nothing is ever installed from it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from basicchat.core.errors import FetchFailed
from basicchat.core.protocols import Fetcher

ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
SHA256_FRAGMENT = re.compile(r"sha256=([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel on a registry. ``sha256`` is what the registry says, None where it says nothing."""

    filename: str
    url: str
    sha256: str | None


def find_wheel(fetcher: Fetcher, registry: str, package: str, version: str) -> Wheel:
    """The wheel of exactly this version. Raises `FetchFailed` where the registry has none."""
    page = f"{registry.rstrip('/')}/{_normal(package)}/"
    body = fetcher.text(page, accept=ACCEPT)
    wanted = [wheel for wheel in parse_page(body, page) if _is(wheel.filename, package, version)]
    if not wanted:
        raise FetchFailed(f"{urlsplit(registry).hostname} has no wheel of {package} {version}.")
    return min(wanted, key=lambda wheel: (not wheel.filename.endswith("-py3-none-any.whl"), wheel.filename))


def parse_page(body: str, base: str) -> list[Wheel]:
    """Every wheel that a simple page lists, with addresses made absolute against ``base``."""
    links = _json_links(body) if body.lstrip().startswith("{") else _html_links(body)
    found = []
    for href, digest in links:
        address, fragment = urldefrag(urljoin(base, href))
        filename = unquote(urlsplit(address).path.rsplit("/", 1)[-1])
        said = SHA256_FRAGMENT.search(fragment)
        if filename.endswith(".whl"):
            found.append(Wheel(filename=filename, url=address, sha256=digest or (said[1] if said else None)))
    return found


def _json_links(body: str) -> list[tuple[str, str | None]]:
    try:
        return [(file["url"], file.get("hashes", {}).get("sha256")) for file in json.loads(body)["files"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FetchFailed("The registry's answer cannot be read.") from error


def _html_links(body: str) -> list[tuple[str, str | None]]:
    parser = _Anchors()
    parser.feed(body)
    parser.close()
    return [(href, None) for href in parser.found]


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.extend(value for name, value in attrs if tag == "a" and name == "href" and value)


def _normal(package: str) -> str:
    """A package's name as PEP 503 spells it."""
    return re.sub(r"[-_.]+", "-", package).lower()


def _is(filename: str, package: str, version: str) -> bool:
    name, found, *_ = [*filename.split("-"), "", ""]
    return _normal(name) == _normal(package) and found == version and "/" not in filename and "\\" not in filename
