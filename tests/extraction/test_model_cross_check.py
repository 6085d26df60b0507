"""Where the rules read a field otherwise than the model, the evidence says so; what they merely miss is no dispute."""

from __future__ import annotations

from typing import Any

import pytest

from opera_spiders.extraction import grounding
from opera_spiders.extraction.model_cross_check import beside_rules
from opera_spiders.extraction.rules import read_page
from tests.extraction.located import html_page

PAGE = html_page(
    "<html lang=en><body><h1>Tosca</h1><p>Opera in three acts by Giacomo Puccini</p><table>"
    "<tr><td>Conductor</td><td>Ben Beispiel</td></tr><tr><td>Director</td><td>Clara Probe</td></tr>"
    "<tr><td>Floria Tosca</td><td>Anna Muster</td></tr><tr><td>Mario Cavaradossi</td><td>Karl Muster</td></tr></table>"
    "<p>Friday 15 January 2027, 19:30</p><p>Saturday 16 January 2027, 20:00</p></body></html>"
)
TRUTH = read_page(PAGE).model_dump(mode="json")


def disputed(change: Any) -> tuple[dict[str, str], bool]:
    """The disputes about an answer that differs from what the rules read by ``change``, and whether it lost trust."""
    answer = read_page(PAGE).model_dump(mode="json")
    change(answer["productions"][0])
    model = type(read_page(PAGE)).model_validate(answer)
    alone = grounding.checked(model, PAGE, extraction_version="v", llm_model="openai:any")
    beside = beside_rules(alone, PAGE)
    assert alone.confidence_score is not None
    assert beside.confidence_score is not None
    disputes = {at: found["disagreement"] for at, found in beside.evidence.items() if "disagreement" in found}
    return disputes, beside.confidence_score < alone.confidence_score


def swap_roles(production: dict[str, Any]) -> None:
    first, second = production["cast_members"]
    first["role"], second["role"] = second["role"], first["role"]


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        (lambda p: p["performances"][0].update(time="20:30"), "/productions/0/performances/0/time", "19:30"),
        (
            lambda p: p["performances"][0].update(date="2027-01-14"),
            "/productions/0/performances/0/date",
            "2027-01-15",
        ),
        (swap_roles, "/productions/0/cast_members/0/role", "Floria Tosca"),
        (lambda p: p.update(composer="Clara Probe"), "/productions/0/composer", "Giacomo Puccini"),
    ],
    ids=["another time", "another date", "swapped roles", "another composer"],
)
def test_a_field_that_the_rules_read_otherwise_is_named_and_costs_trust(change: Any, pointer: str, words: str) -> None:
    disputes, is_less = disputed(change)
    assert disputes[pointer] == f"the rules read {words}"
    assert is_less


@pytest.mark.parametrize(
    "change",
    [
        lambda p: None,
        lambda p: p.update(composer="Puccini"),
        lambda p: p["performances"].pop(),
        lambda p: p["performances"].append({**p["performances"][0], "date": "2027-01-17", "time": "18:00"}),
        lambda p: p["cast_members"].append({**p["cast_members"][0], "performer": "Dora Zweit"}),
        lambda p: p.update(venue="Great House"),
        lambda p: p["performances"][0].update(time=None),
    ],
    ids=["all the same", "surname", "fewer", "more evenings", "alternates", "only the model", "only the rules"],
)
def test_what_one_of_them_does_not_say_is_no_dispute(change: Any) -> None:
    assert disputed(change)[0] == {}


def test_the_world_of_these_tests_is_read_by_the_rules() -> None:
    (production,) = TRUTH["productions"]
    assert [(e["date"], e["time"]) for e in production["performances"]] == [
        ("2027-01-15", "19:30"),
        ("2027-01-16", "20:00"),
    ]
    assert [member["role"] for member in production["cast_members"]] == ["Floria Tosca", "Mario Cavaradossi"]
