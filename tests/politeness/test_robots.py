from __future__ import annotations

import pytest

from .local_host import Answer

LINKS = Answer('<a href="/a">a</a> <a href="/private/b">b</a>')


def test_what_robots_txt_forbids_is_not_fetched(host, crawl):
    house = host({"/robots.txt": Answer("User-agent: *\nDisallow: /private/"), "/": LINKS, "/a": Answer()})
    result = crawl(house.url(), follow=True)
    assert house.paths() == ["/robots.txt", "/", "/a"]
    assert result.stats["opera/requests/robots_denied"] == 1
    assert result.reason == "finished"
