"""Which addresses of data are found in markup, and which are never asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from opera_spiders.discovery.site_data import MAX_ADDRESSES, NEVER_ASKED, DataLink, SiteData, data_links, json_links
from opera_spiders.discovery.source_choice import CHECKS, SourceChoice

PAGE = "https://opera.example/en/whats-on"


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        ('<link rel="https://api.w.org/" href="/wp-json/">', "/wp-json/wp/v2/types"),
        ('<link rel="https://api.w.org/" href="/?rest_route=/">', "/?rest_route=%2Fwp%2Fv2%2Ftypes"),
        (
            '<script src="/harbour/api/v3/x.js"></script><a href="//opera.example/harbour/api/v3/">',
            "/harbour/api/v3/events",
        ),
        ('<link rel="preload" as="fetch" href="/x/state.json">', "/x/state.json"),
        ('<script id="__NUXT_DATA__" data-src="/_payload.json">[]</script>', "/_payload.json"),
        (
            '<script id="__NEXT_DATA__">{"isFallback": true, "buildId": "Zk3"}</script>',
            "/_next/data/Zk3/en/whats-on.json",
        ),
        ('<i data-url="/api/spielplan?monat=12&amp;jahr=2026">', "/api/spielplan?jahr=2026&monat=12"),
        ('<i data-calendar-endpoint="/ajax/load">', "/ajax/load"),
        (r'<script>{"url": "https:\/\/opera.example\/data\/performances.json"}</script>', "/data/performances.json"),
    ],
)
def test_data_is_found_in_markup(markup, found):
    assert [link.url for link in data_links(markup, PAGE)] == [f"https://opera.example{found}"]


@pytest.mark.parametrize(
    "markup",
    [
        '<script id="__NEXT_DATA__">{"isFallback": false, "buildId": "Zk3", "props": {}}</script>',
        '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/12">',
        '<a href="/api/events">x</a><img data-src="/img/events.jpg">',
        "<script>fetch('/api/' + id); fetch(`/api/events/${id}`); fetch('/api/events/:id')</script>",
        '<i data-url="/en/whats-on/tosca">',
        '<i data-calendar-url="/api/calendar/preview"><i data-calendar-url="/wp-admin/admin-ajax.php?action=calendar">',
        '<i data-calendar-url="javascript:alert(1)"><i data-calendar-url="/api/[x">',
        f'<i data-calendar-url="/api/calendar?{"x" * 600}">',
    ],
)
def test_other_addresses_are_not_taken_for_data(markup):
    assert data_links(markup, PAGE) == ()


@pytest.mark.parametrize("word", " ".join(NEVER_ASKED.values()).split())
def test_what_is_never_asked_for_is_not(word):
    assert data_links(f'<i data-x="/api/{word}/events"><i data-x="/api/events/{word}s">', PAGE) == ()


def test_the_promise_lists_every_word_that_is_never_asked_for():
    promises = (Path(__file__).parents[2] / "docs" / "politeness.md").read_text(encoding="utf-8")
    for what, words in NEVER_ASKED.items():
        assert f"| {what} | {words} |" in promises


def test_only_the_companys_own_hosts_are_asked_and_forty_addresses():
    counts: list[str] = []
    data = SiteData(["opera.example"], counts.append)
    assert not data.admit(DataLink("https://system.spektrix.com/harbour/api/v3/events"))
    assert data.admit(DataLink("https://tickets.opera.example/harbour/api/v3/events"))
    asked = [data.admit(DataLink(f"https://opera.example/api/{n}")) for n in range(100)]
    assert sum(asked) == MAX_ADDRESSES - 1
    assert not data.admit(DataLink("https://opera.example/api/0"))


def test_a_json_page_names_pages_and_what_follows_it():
    document = {
        "items": [{"title": "Tosca", "slug": "tosca", "url": "/shows/tosca", "image": "/x.jpg", "api": "/api/1"}],
        "meta": {"next": "/api/shows?page=2", "prev": "/api/shows?page=0"},
    }
    links, names = json_links(json.dumps(document), "https://opera.example/api/shows")
    assert [(link.url, link.anchor) for link in links.links] == [("https://opera.example/shows/tosca", "Tosca")]
    assert [link.url for link in names.data] == ["https://opera.example/api/shows?page=2"]
    assert names.slugs == {"tosca"}


def test_json_api_names_pages_by_their_alias_and_its_next_page_by_an_object():
    document = {
        "data": [{"type": "node--event", "attributes": {"title": "Tosca", "path": {"alias": "/tosca"}}}],
        "links": {"next": {"href": "https://opera.example/jsonapi/node/event?page%5Boffset%5D=8"}},
    }
    links, names = json_links(json.dumps(document), "https://opera.example/jsonapi/node/event")
    assert [(link.url, link.anchor) for link in links.links] == [("https://opera.example/tosca", "Tosca")]
    assert [link.url for link in names.data] == ["https://opera.example/jsonapi/node/event?page%5Boffset%5D=8"]


FACTS = {("Tosca", "performance", "2026-12-03"), ("Norma", "performance", "2026-12-05")}


def choice_with_data(**state: object) -> SourceChoice:
    choice = SourceChoice(**state)  # type: ignore[arg-type]
    choice.data_read("https://opera.example/api/shows", FACTS, ["tosca", "https://opera.example/x/norma"])
    return choice


def test_data_answers_for_pages_it_names_after_two_drawings_that_said_no_more():
    choice = choice_with_data()
    for drawn in range(CHECKS):
        assert not choice.answers_for("https://opera.example/shows/tosca"), drawn
        choice.page_drawn("https://opera.example/shows/tosca", list(FACTS)[:1])
    assert choice.answers_for("https://opera.example/x/norma")
    assert not choice.answers_for("https://opera.example/x/aida")


def test_a_drawing_that_says_more_ends_it():
    choice = choice_with_data()
    for facts in (FACTS, FACTS, {("Tosca", "conductor", "x")}):
        choice.page_drawn("https://opera.example/shows/tosca", facts)
    assert not choice.answers_for("https://opera.example/shows/tosca")
    assert choice.to_details()["page_with_more"] == "https://opera.example/shows/tosca"


def test_the_next_crawl_begins_with_the_choice_and_believes_it_after_one_drawing():
    choice = choice_with_data(answered_count=3)
    again = SourceChoice.from_details(json.loads(json.dumps(choice.to_details())))
    assert (choice.chosen, again.known, again.is_trusted) == ("data", ("https://opera.example/api/shows",), True)
    again.data_read("https://opera.example/api/shows", FACTS, ["tosca"])
    again.page_drawn("https://opera.example/shows/tosca", FACTS)
    assert again.answers_for("https://opera.example/shows/tosca")


def test_data_that_carries_nothing_any_more_answers_for_nothing():
    again = SourceChoice.from_details({"chosen": "data", "data": {"https://opera.example/api/shows": 12}})
    again.data_read("https://opera.example/api/shows", [], ["tosca"])
    again.page_drawn("https://opera.example/shows/tosca", FACTS)
    assert not again.answers_for("https://opera.example/shows/tosca")
    assert again.chosen == "drawings"


@pytest.mark.parametrize("details", [None, 3, {}, {"data": [1]}, {"data": {}}])
def test_details_that_say_nothing_are_a_beginning(details):
    assert SourceChoice.from_details(details) == SourceChoice()
