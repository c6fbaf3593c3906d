from __future__ import annotations

import json

import pytest

from basicchat.adapters.models.registry import find_wheel, parse_page
from basicchat.core.errors import FetchFailed
from basicchat.testing.fetch import MemoryFetcher

DIGEST = "ab" * 32
PAGE = "https://index.example/simple/a-package/"


def index(body: str) -> MemoryFetcher:
    return MemoryFetcher({PAGE: body.encode()})


def test_an_html_page_with_relative_links_and_digests() -> None:
    page = f'<a href="../../x/a_package-1.0-py3-none-any.whl#sha256={DIGEST}">a</a><A HREF="https://f.example/a_package-0.9.tar.gz">'
    wheel = find_wheel(index(page), "https://index.example/simple", "A.Package", "1.0")
    assert wheel.url == "https://index.example/x/a_package-1.0-py3-none-any.whl"
    assert wheel.sha256 == DIGEST


def test_a_json_page() -> None:
    files = [
        {
            "filename": "a_package-1.0-py3-none-any.whl",
            "url": "https://f.example/a_package-1.0-py3-none-any.whl",
            "hashes": {},
        },
        {"url": "/b/a_package-2.0-py3-none-any.whl", "hashes": {"sha256": DIGEST}},
    ]
    body = json.dumps({"meta": {"api-version": "1.1"}, "name": "a-package", "files": files})
    assert find_wheel(index(body), "https://index.example/simple/", "a-package", "1.0").sha256 is None
    second = find_wheel(index(body), "https://index.example/simple/", "a-package", "2.0")
    assert (second.url, second.sha256) == ("https://index.example/b/a_package-2.0-py3-none-any.whl", DIGEST)


def test_a_wheel_for_every_platform_is_preferred() -> None:
    page = "".join(f'<a href="a_package-1.0-{tag}.whl">' for tag in ("cp311-cp311-win_amd64", "py3-none-any"))
    assert find_wheel(index(page), "https://index.example/simple", "a-package", "1.0").filename.endswith("none-any.whl")


@pytest.mark.parametrize("version", ["1", "1.0.1", "1.0rc1"])
def test_another_version_will_not_do(version) -> None:
    page = f'<a href="a_package-{version}-py3-none-any.whl"><a href="a_package_more-1.0-py3-none-any.whl">'
    with pytest.raises(FetchFailed, match=r"no wheel of a-package 1\.0"):
        find_wheel(index(page), "https://index.example/simple", "a-package", "1.0")


@pytest.mark.parametrize("body", ["", "<html", "plain words", '{"files": []}'])
def test_a_page_without_wheels_lists_none(body) -> None:
    assert parse_page(body, PAGE) == []


@pytest.mark.parametrize("body", ["{", '{"files": 3}', '{"files": [{}]}', '{"other": []}', '{"files": ["x"]}'])
def test_json_that_is_no_index_is_a_failure(body) -> None:
    with pytest.raises(FetchFailed):
        parse_page(body, PAGE)


def test_a_name_never_becomes_a_path() -> None:
    page = '<a href="https://f.example/..%2f..%2fa_package-1.0-py3-none-any.whl">'
    with pytest.raises(FetchFailed):
        find_wheel(index(page), "https://index.example/simple", "a-package", "1.0")
