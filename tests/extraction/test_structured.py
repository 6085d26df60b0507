"""Structured data on invented pages: schema.org and embedded state."""

import datetime as dt
import json
from typing import Any

import pytest

from opera_spiders.extraction.blocks import read_blocks
from opera_spiders.extraction.extractor import PageToExtract
from opera_spiders.extraction.rules import read_page
from opera_spiders.extraction.schema import PageExtraction

FETCHED_AT = dt.datetime(2026, 9, 10, 8, tzinfo=dt.UTC)


def read(body: str, data: Any, *, script: str = "application/ld+json", domain: str = "house.example") -> PageExtraction:
    html = f"<html lang=en><head><script type='{script}'>{json.dumps(data)}</script></head><body>{body}</body></html>"
    blocks = read_blocks(html.encode(), "text/html; charset=utf-8", f"https://{domain}/whats-on/x")
    return read_page(PageToExtract(blocks, FETCHED_AT, domain))


def event(**values: Any) -> dict[str, Any]:
    return {"@context": "https://schema.org", "@type": "TheaterEvent", "name": "Tosca", **values}


PLACE = {
    "@type": "Place",
    "name": "Harbour Hall",
    "address": {"@type": "PostalAddress", "addressLocality": "Carrowick"},
}


def test_an_event_states_its_evening():
    data = event(
        startDate="2027-03-14T19:30:00+02:00",
        location=PLACE,
        eventStatus="https://schema.org/EventCancelled",
        workPerformed={"@type": "MusicComposition", "name": "Tosca", "composer": {"name": "Giacomo Puccini"}},
        offers={"@type": "Offer", "availability": "https://schema.org/InStock", "url": "https://tickets.example/1"},
    )
    (production,) = read("<p>Loading</p>", data).productions
    (evening,) = production.performances
    assert (production.opera_title, production.composer) == ("Tosca", "Giacomo Puccini")
    assert (evening.date, evening.time, evening.venue, evening.city) == (
        "2027-03-14",
        "19:30",
        "Harbour Hall",
        "Carrowick",
    )
    assert (evening.status, evening.availability, evening.ticket_url) == (
        "cancelled",
        "on_sale",
        "https://tickets.example/1",
    )


@pytest.mark.parametrize(
    ("printed", "date", "time"),
    [
        ("2027-03-14T19:30:00+01:00", "2027-03-14", "19:30"),
        ("2027-03-14T19:30", "2027-03-14", "19:30"),
        ("2027-03-14", "2027-03-14", None),
        ("2027-03-14T00:00:00", "2027-03-14", None),
        ("2027-03-14T18:30:00Z", "2027-03-14", None),
        ("2027-03-14T18:30:00.000+00:00", "2027-03-14", None),
        ("14.03.2027", "2027-03-14", None),
    ],
)
def test_utc_and_midnight_do_not_tell_the_local_time(printed: str, date: str, time: str | None):
    (production,) = read("<p>Loading</p>", event(startDate=printed)).productions
    assert [(evening.date, evening.time) for evening in production.performances] == [(date, time)]


@pytest.mark.parametrize("printed", ["soon", "", None, "2027-13-45", 5, {"a": 1}, []])
def test_a_date_that_is_none_gives_no_evening(printed: Any):
    assert (
        read("<h1>Tosca</h1><p>Giacomo Puccini</p><p>14 March 2027, 7pm</p>", event(startDate=printed))
        .productions[0]
        .performances[0]
        .date
        == "2027-03-14"
    )


def test_what_the_page_shows_wins_over_its_structured_data():
    body = "<h1>Tosca</h1><p>Giacomo Puccini</p><p>14 March 2027, 7.30pm</p><p>Tickets: £12 – £84</p>"
    data = event(startDate="2027-03-14T18:30:00", offers={"@type": "Offer", "price": "99", "priceCurrency": "GBP"})
    (production,) = read(body, data).productions
    assert [(evening.date, evening.time) for evening in production.performances] == [("2027-03-14", "19:30")]
    assert [(price.min, price.max) for price in production.ticket_prices] == [(12.0, 84.0)]


def test_a_utc_time_that_the_page_shows_as_local_is_kept():
    body = "<h1>Tosca</h1><p>Giacomo Puccini</p><p>14 March 2027, 7.30pm</p>"
    (production,) = read(body, event(startDate="2027-03-14T19:30:00Z", location=PLACE)).productions
    (evening,) = production.performances
    assert (evening.time, evening.venue) == ("19:30", "Harbour Hall")


def test_roles_in_structured_data_are_cast_and_organisations_are_not():
    data = event(
        startDate="2027-03-14T19:30:00",
        director={"@type": "Person", "name": "Anna Muster"},
        performer=[
            {
                "@type": "PerformanceRole",
                "characterName": "Floria Tosca",
                "performer": {"@type": "Person", "name": "Clara Probe"},
            },
            {"@type": "Organization", "name": "Carrowick Opera"},
            {"@type": "Person", "name": "Nobody Known"},
        ],
    )
    (production,) = read("<p>Loading</p>", data).productions
    assert [(member.performer, member.role) for member in production.cast_members] == [("Clara Probe", "Floria Tosca")]
    assert [(credit.name, credit.function) for credit in production.creative_team] == [("Anna Muster", "director")]


@pytest.mark.parametrize(
    ("offer", "expected"),
    [
        ({"price": "45.50", "priceCurrency": "GBP"}, [(45.5, 45.5, "exact")]),
        ({"@type": "AggregateOffer", "lowPrice": 12, "highPrice": 84, "priceCurrency": "EUR"}, [(12.0, 84.0, "exact")]),
        ({"@type": "AggregateOffer", "lowPrice": "12", "priceCurrency": "EUR"}, [(12.0, None, "from")]),
        ({"price": "0", "priceCurrency": "EUR"}, []),
        ({"price": "12"}, []),
        ({"price": "twelve", "priceCurrency": "EUR"}, []),
    ],
)
def test_offers_are_prices(offer: dict[str, Any], expected: list[Any]):
    (production,) = read("<p>Loading</p>", event(startDate="2027-03-14T19:30:00", offers=offer)).productions
    assert [(price.min, price.max, price.qualifier) for price in production.ticket_prices] == expected


def test_a_company_is_read_with_its_address():
    data = {
        "@type": "PerformingGroup",
        "name": "Carrowick Opera",
        "address": {"addressLocality": "Carrowick", "addressCountry": "United Kingdom"},
    }
    company = read("<p>x</p>", data).company
    assert company is not None
    assert (company.name, company.city, company.country) == ("Carrowick Opera", "Carrowick", "United Kingdom")


STATE = {
    "production": {
        "title": "Rusalka",
        "composer": "Antonín Dvořák",
        "genre": "opera",
        "season": "2026/2027",
        "venue": "Great Hall",
        "duration": "3 hours, two intervals",
        "creators": [
            {"function": "Conductor", "name": "Anna Muster"},
            {"function": "Director", "name": "Bert Beispiel"},
        ],
        "cast": [
            {"role": "Rusalka", "performers": [{"name": "Clara Probe"}, {"name": "Dora Test"}]},
            {"role": "Vodník", "performers": [{"name": "Emil Muster", "dates": ["2027-01-17"]}]},
        ],
        "events": [
            {"id": "7101", "startsAt": "2027-01-15T19:00:00+01:00", "tag": "premiere", "label": "Sold out"},
            {
                "id": "7102",
                "startsAt": "2027-01-17T17:00:00+01:00",
                "label": "Book now",
                "ticketUrl": "https://tickets.example/7102",
            },
        ],
    },
    "buildId": "q7Xv2LrM0tHc1",
}


@pytest.mark.parametrize("state", [STATE, {"props": {"pageProps": STATE}}, {"data": [{"x": 1}, STATE]}])
def test_embedded_state_is_read_by_its_keys_wherever_it_lies(state: Any):
    (production,) = read("<h1>Rusalka</h1><p>Loading</p>", state, script="application/json").productions
    assert (production.composer, production.season, production.venue) == ("Antonín Dvořák", "2026/2027", "Great Hall")
    assert (production.duration_minutes, production.intermissions, production.premiere_date) == (180, 2, "2027-01-15")
    assert [(credit.function, credit.name) for credit in production.creative_team] == [
        ("conductor", "Anna Muster"),
        ("director", "Bert Beispiel"),
    ]
    assert [(m.role, m.performer, m.kind, [n.date for n in m.nights]) for m in production.cast_members] == [
        ("Rusalka", "Clara Probe", "alternate", []),
        ("Rusalka", "Dora Test", "alternate", []),
        ("Vodník", "Emil Muster", "main", ["2027-01-17"]),
    ]
    assert [(e.date, e.time, e.availability, e.type, e.ticket_url) for e in production.performances] == [
        ("2027-01-15", "19:00", "sold_out", "premiere", None),
        ("2027-01-17", "17:00", "on_sale", None, "https://tickets.example/7102"),
    ]


def test_unix_times_become_local_in_the_zone_of_the_company():
    state = {"events": [{"title": "Tosca", "composer": "Giacomo Puccini", "start": 1800000000}]}
    (production,) = read("<p>Loading</p>", state, script="application/json", domain="staatsoper-berlin.de").productions
    assert [(e.date, e.time) for e in production.performances] == [("2027-01-15", "09:00")]
