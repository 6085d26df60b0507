"""Precision and recall count what the warehouse would take, against both kinds of answer."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from opera_spiders.errors import BadInputError
from opera_spiders.extraction.evaluate import Example, Report, compare, evaluate, find_examples, page_of
from opera_spiders.extraction.evaluated_facts import as_gold, gold_facts, production_facts, taken
from opera_spiders.extraction.extractor import Extraction, PageToExtract
from opera_spiders.extraction.grounding import checked
from sample_houses.answers import page_extraction

PAGE = """<html lang=de><title>Haus</title><h1>Rusalka</h1><p>Antonín Dvořák</p><p>13. März 2027, 19.30 Uhr</p>
<table><tr><td>Musikalische Leitung</td><td>Anna Bauer</td></tr>
<tr><td>Rusalka</td><td>Eva Lang</td></tr></table></html>"""
ANSWER: dict[str, Any] = {
    "page_type": "production",
    "language": "de",
    "productions": [
        {
            "opera_title": "Rusalka",
            "composer": "Antonín Dvořák",
            "creative_team": [{"name": "Anna Bauer", "function": "conductor"}],
            "cast_members": [{"performer": "Eva Lang", "role": "Rusalka"}],
            "performances": [{"date": "2027-03-13", "time": "19:30", "year_inferred": False}],
        }
    ],
}
GOLD: dict[str, Any] = {
    "page_type": "production",
    "productions": [
        {
            "opera_title": "Rusalka",
            "composer": "Antonin Dvorak",
            "conductors": [{"name": "Anna Bauer"}],
            "director": None,
            "cast": [{"performer": "Eva Lang", "role": "Rusalka"}],
            "performances": [{"date": "2027-03-13", "time": "19:30", "status": None}],
            "venue": None,
        }
    ],
}


class Reader:
    """An extractor that gives the same answer for every page, grounded."""

    llm_model = "rules"
    extraction_version = "test"

    def __init__(self, answer: dict[str, Any] | None) -> None:
        self.answer = answer

    async def extract(self, page: PageToExtract) -> Extraction:
        if self.answer is None:
            return Extraction("test", "rules", error="no answer")
        return checked(page_extraction(self.answer, "b2"), page, extraction_version="test", llm_model="rules")

    async def aclose(self) -> None: ...


def report(tmp_path: Path, answer: dict[str, Any] | None, *, gold: dict[str, Any] | None = None) -> Report:
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    name = "page.html.gold.json" if gold else "page.expected.json"
    (tmp_path / name).write_text(json.dumps(gold or ANSWER), encoding="utf-8")
    return asyncio.run(evaluate(tmp_path, Reader(answer), fetched_at=dt.datetime(2026, 11, 24, tzinfo=dt.UTC)))


@pytest.mark.parametrize("gold", [None, GOLD], ids=["expected", "gold"])
def test_a_right_answer_scores_one_in_every_field(tmp_path: Path, gold: dict[str, Any] | None) -> None:
    found = report(tmp_path, ANSWER, gold=gold)

    assert {name: (score.precision, score.recall) for name, score in found.fields.items()} == dict.fromkeys(
        found.fields, (1.0, 1.0)
    )
    assert {"title", "composer", "conductor", "performer_role", "date", "time"} <= set(found.fields)
    assert found.confusions == []


def test_no_answer_scores_nothing(tmp_path: Path) -> None:
    found = report(tmp_path, None)

    assert {score.recall for score in found.fields.values()} == {0.0}
    assert found.fields["date"].support == 1
    assert found.errors == {"page.html": "no answer"}


def test_a_value_the_page_does_not_state_is_not_read(tmp_path: Path) -> None:
    lying = json.loads(json.dumps(ANSWER))
    lying["productions"][0]["cast_members"].append({"performer": "Balthasar Quendel", "role": "Prinz"})

    assert report(tmp_path, lying).fields["performer_role"].as_json() == {
        "precision": 1.0,
        "recall": 1.0,
        "f1": 1.0,
        "support": 1,
    }


def test_a_wrong_value_is_invented_and_the_right_one_missing(tmp_path: Path) -> None:
    wrong = json.loads(json.dumps(ANSWER))
    wrong["productions"][0]["composer"] = "Anna Bauer"

    found = report(tmp_path, wrong)

    confusions = {(c.field, c.kind, c.value) for c in found.confusions}
    # Anna Bauer conducts, so she is not grounded as composer and not read at all.
    assert confusions == {("composer", "missing", "antonin-dvorak")}
    assert found.fields["composer"].recall == 0.0


def test_the_report_is_written_per_field_language_and_page(tmp_path: Path) -> None:
    found = report(tmp_path, ANSWER).as_json()

    assert found["fields"]["date"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 1}
    assert found["languages"]["de"]["date"] == found["fields"]["date"]
    assert found["pages"]["page.html"]["date"] == found["fields"]["date"]


def _scored(gold: dict[str, Any], read: dict[str, Any]) -> Report:
    found = Report()
    answer = {"page_type": "calendar", **gold}
    compare(found, "page", "de", Example(Path("page"), answer, is_gold=True), {"productions": [read]} if read else {})
    return found


@pytest.mark.parametrize(
    ("accept", "value", "wrong"),
    [
        ({}, "2027-03-14", 2),
        ({"closing_date": ["2027-03-13", "2027-03-14"]}, "2027-03-14", 0),
        ({"closing_date": ["2027-03-13", None]}, None, 0),
        ({}, None, 1),
    ],
)
def test_other_accepted_values_are_right(accept: dict[str, Any], value: str | None, wrong: int) -> None:
    gold = {"opera_title": "Rusalka", "closing_date": "2027-03-13", "accept": accept}

    found = _scored({"productions": [gold]}, {"opera_title": "Rusalka", "closing_date": value})

    assert len(found.confusions) == wrong


def test_a_derived_value_may_be_missing() -> None:
    gold = {"opera_title": "Rusalka", "duration_minutes": 150, "derived": ["duration_minutes"]}

    assert _scored({"productions": [gold]}, {"opera_title": "Rusalka"}).confusions == []
    assert len(_scored({"productions": [gold]}, {"opera_title": "Rusalka", "duration_minutes": 151}).confusions) == 2


@pytest.mark.parametrize(
    ("scope", "genre", "title", "errors"),
    [
        (None, "ballet", "Undine", 1),
        ("opera only", "ballet", "Undine", 0),
        ("opera only", "opera", "Undine", 1),
        ('operas; the workshop "Undine" is one: accept present or absent', "opera", "Undine", 0),
    ],
)
def test_the_scope_says_which_other_productions_are_errors(
    scope: str | None, genre: str, title: str, errors: int
) -> None:
    gold = {"productions": [], **({"scope": scope} if scope else {})}

    found = _scored(gold, {"opera_title": title, "genre": genre})

    assert len(found.confusions) == errors


def test_an_unread_button_is_no_status() -> None:
    gold = {"opera_title": "Rusalka", "performances": [{"date": "2027-03-13", "time": None, "status": None}]}
    night = {"date": "2027-03-13", "availability": "on_sale"}

    assert "status" not in as_gold({"opera_title": "Rusalka", "performances": [night]}, gold)
    assert as_gold({"performances": [{**night, "availability": "sold_out"}]}, gold)["status"] == [
        ("2027-03-13", "sold_out")
    ]


def test_printings_of_one_name_or_work_compare_equal() -> None:
    one = production_facts({"opera_title": "DIE ZAUBERFLÖTE", "composer": "Mozart", "season": "2026/27"})
    other = production_facts(
        {"opera_title": "The Magic Flute", "composer": "Wolfgang Amadeus Mozart", "season": "2026-2027"}
    )

    assert one == other


def test_several_designers_of_a_gold_answer_are_several() -> None:
    facts = gold_facts({"opera_title": "Rusalka", "costume_designer": "Anna Bauer; Eva Lang"})

    assert facts["costume_designer"] == [("anna bauer",), ("eva lang",)]


def test_elsewhere_counts_for_scalars_of_the_only_production() -> None:
    extraction = Extraction(
        "v",
        "rules",
        raw_response={"productions": [{"venue": "Großes Haus", "performances": [{"date": "2027-03-13"}]}]},
        evidence={
            "/productions/0/venue": {"status": "elsewhere"},
            "/productions/0/performances/0/date": {"status": "elsewhere"},
        },
    )
    two = replace(extraction, raw_response={"productions": [*extraction.raw_response["productions"], {}]})  # type: ignore[index]

    assert taken(extraction)["productions"][0] == {"venue": "Großes Haus", "performances": [{"date": None}]}
    assert taken(two)["productions"][0]["venue"] is None


def test_a_page_is_dated_by_its_name(tmp_path: Path) -> None:
    page = tmp_path / "haus.2026-04-02.html"
    page.write_text(PAGE, encoding="utf-8")

    assert page_of(Example(page, {}, is_gold=True)).fetched_at == dt.datetime(2026, 4, 2, 12, tzinfo=dt.UTC)


def test_an_answer_without_its_page_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(PAGE, encoding="utf-8")
    for name in ("a.expected.json", "b.expected.json"):
        (tmp_path / name).write_text("{}", encoding="utf-8")

    examples, orphans = find_examples(tmp_path)

    assert ([e.page.name for e in examples], [path.name for path in orphans]) == (["a.html"], ["b.expected.json"])


@pytest.mark.parametrize("content", [None, "{", "[]"])
def test_a_directory_without_usable_answers_is_bad_input(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "a.html").write_text(PAGE, encoding="utf-8")
        (tmp_path / "a.expected.json").write_text(content, encoding="utf-8")

    with pytest.raises(BadInputError, match=r"answer|JSON"):
        find_examples(tmp_path)
