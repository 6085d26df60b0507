"""JSON that sites serve, in the shapes of the systems they run on: read in full, and nothing of the records' own dates."""

import datetime as dt
import json
from typing import Any

import pytest

from opera_spiders.extraction import grounding
from opera_spiders.extraction.blocks import PageBlocks, read_blocks
from opera_spiders.extraction.evaluated_facts import taken
from opera_spiders.extraction.extractor import PageToExtract
from opera_spiders.extraction.rules import read_page

FETCHED_AT = dt.datetime(2026, 11, 24, 8, tzinfo=dt.UTC)
WORDPRESS = {
    "id": 4711,
    "date": "2026-05-12T10:00:00",
    "date_gmt": "2026-05-12T08:00:00",
    "guid": {"rendered": "https://harbour.example/?p=4711"},
    "modified": "2026-09-01T12:00:00",
    "modified_gmt": "2026-09-01T10:00:00",
    "slug": "tosca",
    "status": "publish",
    "type": "production",
    "link": "https://harbour.example/productions/tosca/",
    "title": {"rendered": "Tosca"},
    "excerpt": {"rendered": "<p>A singer, a painter, a chief of police.</p>", "protected": False},
    "_links": {"self": [{"href": "https://harbour.example/wp-json/wp/v2/production/4711"}]},
}
CAST_IN_HTML = (
    "<p>Melodramma in three acts by Giacomo Puccini.</p><h3>Creative team</h3><ul>"
    "<li>Conductor: Marek Lindqvist-Orsay</li><li>Director: Ottoline Vassbrenner</li></ul>"
    "<h3>Cast</h3><table><tr><td>Floria Tosca</td><td>Ilse Karvonen-Thal</td></tr></table>"
)
FIELDS = {
    "composer": "Giacomo Puccini",
    "conductor": "Marek Lindqvist-Orsay",
    "director": "Ottoline Vassbrenner",
    "venue": "Quay Theatre",
    "booking_opens": "2026-07-01",
    "dates": [{"date": "2026-12-03", "time": "19:30"}, {"date": "2026-12-05", "time": "18:00"}],
    "cast": [{"role": "Floria Tosca", "singer": "Ilse Karvonen-Thal"}],
}
EVENT = {
    "id": 881,
    "author": "3",
    "status": "publish",
    "date": "2026-06-01 09:00:00",
    "date_utc": "2026-06-01 07:00:00",
    "modified": "2026-06-02 09:00:00",
    "modified_utc": "2026-06-02 07:00:00",
    "url": "https://harbour.example/event/tosca-3/",
    "title": "Tosca",
    "description": "<p>Opera in three acts by Giacomo Puccini</p>",
    "start_date": "2026-12-03 19:30:00",
    "start_date_details": {"year": "2026", "month": "12", "day": "03", "hour": "19", "minutes": "30"},
    "end_date": "2026-12-03 22:30:00",
    "utc_start_date": "2026-12-03 18:30:00",
    "utc_end_date": "2026-12-03 21:30:00",
    "timezone": "Europe/Berlin",
    "cost": "12 – 95 €",
    "categories": [{"name": "Opera", "slug": "opera", "taxonomy": "tribe_events_cat"}],
    "venue": {"venue": "Quay Theatre", "date": "2019-06-01 09:00:00", "modified": "2019-06-01 09:00:00"},
    "organizer": [{"organizer": "Harbour Opera", "date": "2018-06-01 09:00:00", "modified": "2018-06-01 09:00:00"}],
}
NIGHT_1, NIGHT_2 = ("2026-12-03", "19:30"), ("2026-12-05", "18:00")


def blocks_of(data: Any) -> PageBlocks:
    return read_blocks(json.dumps(data).encode(), "application/json", "https://harbour.example/api/x")


def facts(data: Any, language: str = "en", domain: str = "harbour.example") -> list[dict[str, Any]]:
    """Return the productions that the warehouse would take, after every value has been looked up."""
    page = PageToExtract(blocks_of(data), FETCHED_AT, domain, language=language)
    answer = grounding.checked(read_page(page), page, extraction_version="x", llm_model="rules")
    assert not [pointer for pointer, found in answer.evidence.items() if found["status"] == "absent"]
    productions: list[dict[str, Any]] = taken(answer)["productions"]
    return productions


def evenings(production: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(evening["date"], evening["time"]) for evening in production["performances"]]


def people(production: dict[str, Any]) -> set[tuple[str, str]]:
    team = {(credit["function"], credit["name"]) for credit in production["creative_team"]}
    return team | {(member["role"], member["performer"]) for member in production["cast_members"]}


PEOPLE = {
    ("conductor", "Marek Lindqvist-Orsay"),
    ("director", "Ottoline Vassbrenner"),
    ("Floria Tosca", "Ilse Karvonen-Thal"),
}


@pytest.mark.parametrize("language", ["en", "de", "et"])
def test_custom_fields_of_wordpress_are_read_in_any_language(language):
    (production,) = facts([WORDPRESS | {"acf": FIELDS}], language)
    assert (production["opera_title"], production["composer"]) == ("Tosca", "Giacomo Puccini")
    assert evenings(production) == [NIGHT_1, NIGHT_2]
    assert people(production) == PEOPLE


def test_a_cast_in_the_html_of_a_wordpress_text_is_read_as_on_a_page():
    rusalka = WORDPRESS | {"id": 2, "title": {"rendered": "Rusalka"}, "acf": {"dates": ["2027-02-06"]}}
    tosca, other = facts([WORDPRESS | {"content": {"rendered": CAST_IN_HTML, "protected": False}}, rusalka])
    assert people(tosca) == PEOPLE
    assert evenings(tosca) == []
    assert (other["opera_title"], evenings(other), people(other)) == ("Rusalka", [("2027-02-06", None)], set())


def test_evidence_of_a_text_inside_json_is_its_json_pointer():
    page = PageToExtract(
        blocks_of([WORDPRESS | {"content": {"rendered": CAST_IN_HTML}}]), FETCHED_AT, "harbour.example", language="en"
    )
    answer = grounding.checked(read_page(page), page, extraction_version="x", llm_model="rules")
    found = answer.evidence["/productions/0/creative_team/0/name"]
    assert (found["xpath"], found["quote"], found["status"]) == (
        "#/0/content/rendered",
        "Marek Lindqvist-Orsay",
        "verified",
    )


def test_an_event_of_the_events_calendar_is_one_evening_and_its_records_dates_are_none():
    second = {"title": "Tosca", "start_date": "2026-12-05 18:00:00", "end_date": "2026-12-05 21:00:00"}
    (production,) = facts({"events": [EVENT, EVENT | second], "next_rest_url": "https://harbour.example/?page=2"})
    assert evenings(production) == [NIGHT_1, NIGHT_2]
    assert {evening["venue"] for evening in production["performances"]} == {"Quay Theatre"}
    (price,) = production["ticket_prices"]
    assert (price["min"], price["max"], price["currency"]) == (12, 95, "EUR")


def test_a_spektrix_event_states_its_first_and_last_night_and_no_start_of_sales():
    data = {
        "id": "1201ABCDEFGHIJ",
        "name": "Tosca",
        "duration": 165,
        "isOnSale": True,
        "instanceDates": "Thursday 3 December - Sunday 20 December 2026",
        "attribute_Composer": "Giacomo Puccini",
        "attribute_Conductor": "Marek Lindqvist-Orsay",
        "firstInstanceDateTime": "2026-12-03T19:30:00",
        "lastInstanceDateTime": "2026-12-20T19:30:00",
        "startSellingAtWeb": "2026-06-01T10:00:00",
    }
    (production,) = facts([data, {"id": "2", "name": "Friends' Lunch", "firstInstanceDateTime": "2026-12-04T12:00:00"}])
    assert evenings(production) == [NIGHT_1, ("2026-12-20", "19:30")]
    assert people(production) == {("conductor", "Marek Lindqvist-Orsay")}


FLAT = [
    ["Reactive", 1],
    {"data": 2, "prerenderedAt": 20},
    {"production": 3},
    {"title": 4, "composer": 5, "nights": 6, "creatives": 11, "cast": 15},
    "Tosca",
    "Giacomo Puccini",
    [7, 9],
    {"date": 8},
    "2026-12-03T19:30",
    {"date": 10},
    "2026-12-05T18:00",
    [12, 19],
    {"function": 13, "name": 14},
    "Conductor",
    "Marek Lindqvist-Orsay",
    [16],
    {"role": 17, "singer": 18},
    "Floria Tosca",
    "Ilse Karvonen-Thal",
    {"function": 21, "name": 22},
    1789000000000,
    "Stage director",
    "Ottoline Vassbrenner",
]


def test_a_payload_of_nuxt_is_read_through_its_indices_and_pointed_at_where_it_stands():
    (production,) = facts(FLAT)
    assert evenings(production) == [NIGHT_1, NIGHT_2]
    assert people(production) == PEOPLE
    assert [block.path for block in blocks_of(FLAT).blocks] == ["#/3"]


@pytest.mark.parametrize(
    "flat", [[["Reactive", 1], {"a": 1}], [["Reactive", 9]], [{"a": 0}, 1], [["Reactive", 1], [1]]], ids=str
)
def test_a_payload_that_holds_itself_or_nothing_is_nothing(flat):
    assert blocks_of(flat).blocks == ()


CALENDARS = {
    "entries": {
        "performances": [
            {"title": "Tosca", "date": "2026-12-03", "time": "19:30", "updatedAt": "2026-11-20T08:00:00Z"},
            {"title": "Tosca", "date": "2026-12-05", "time": "18:00", "status": "sold_out"},
        ]
    },
    "full calendar": [
        {"title": "Tosca", "start": "2026-12-03T19:30:00+01:00", "end": "2026-12-03T22:15:00+01:00", "allDay": False},
        {"title": "Tosca", "start": "2026-12-05T18:00:00+01:00", "end": "2026-12-05T21:15:00+01:00", "soldOut": True},
    ],
    "days as keys": {
        "2026-12-03": [{"title": "Tosca", "subtitle": "Opera", "time": "19:30"}],
        "2026-12-05": [{"title": "Tosca", "subtitle": "Opera", "time": "18:00", "status": "sold_out"}],
    },
    "a production with its nights": {
        "title": "Tosca",
        "composer": "Giacomo Puccini",
        "startDate": "2026-12-03",
        "endDate": "2026-12-05",
        "performances": [
            {"startDate": "2026-12-03T19:30:00+01:00", "doors": "2026-12-03T18:45:00+01:00"},
            {"startDate": "2026-12-05T18:00:00+01:00", "status": "SOLD_OUT"},
        ],
    },
}


@pytest.mark.parametrize("data", CALENDARS.values(), ids=CALENDARS)
def test_a_calendar_states_each_evening_once(data):
    (production,) = facts(data)
    assert evenings(production) == [NIGHT_1, NIGHT_2]
    assert [evening["availability"] for evening in production["performances"]] == [None, "sold_out"]


def test_a_span_of_days_is_a_run_and_no_evening():
    (production,) = facts([{"title": "Tosca", "composer": "Puccini", "start": "2026-12-03", "end": "2026-12-20"}])
    assert evenings(production) == []
    assert production["closing_date"] == "2026-12-20"


@pytest.mark.parametrize(
    ("domain", "time"), [("staatsoper-berlin.de", None), ("rbo.org.uk", "19:30")], ids=["an hour off", "on UTC"]
)
def test_a_universal_time_is_believed_only_where_it_is_the_local_one(domain, time):
    (production,) = facts(
        [{"title": "Tosca", "composer": "Puccini", "start": "2026-12-03T19:30:00+00:00"}], "en", domain
    )
    assert evenings(production) == [("2026-12-03", time)]


def test_a_label_that_languages_read_differently_is_no_role():
    (production,) = facts([WORDPRESS | {"content": {"rendered": CAST_IN_HTML}}], language="")
    assert "Director" not in {member["role"] for member in production["cast_members"]}


def test_a_record_that_was_only_written_again_is_the_same_page():
    again = WORDPRESS | {"modified": "2026-11-20T10:00:00", "modified_gmt": "2026-11-20T09:00:00"}
    assert blocks_of([WORDPRESS]).checksum == blocks_of([again]).checksum
