"""A model that lies: no lie finds evidence, and no true value loses its own."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from opera_spiders.extraction.grounding import ground
from opera_spiders.extraction.schema import PageExtraction
from tests.extraction.located import sample, sample_pages

INVENTED = ("Balthasar Quendel", "Fiorenza Ubaldini", "Ottokar Zwettl", "Ginevra Malasorte", "Ambrose Thistlewood")
PARTNERS = {
    "performer": ("performer", "role", "kind", "nights", "voice_type"),
    "role": ("role", "nights", "kind"),
    "name": ("name", "function", "nights"),
    "function": ("function", "nights"),
    "date": ("date", "time", "status", "availability", "type"),
    "time": ("time",),
    "min": ("min", "max", "category", "qualifier", "kind", "nights", "currency"),
}
"""Values that are only true together: a lie about one leaves the others of its object without evidence."""


@dataclass(frozen=True)
class Lie:
    """A changed answer, the leaves that are lies, and the start of the pointers a lie may take with it."""

    kind: str
    answer: dict[str, Any]
    pointers: tuple[str, ...]
    partners: tuple[str, ...]


def _changed(answer: PageExtraction) -> dict[str, Any]:
    return answer.model_dump(mode="json")


def _replaced(answer: PageExtraction, kind: str, pointer: str, value: Any) -> Lie:
    changed = _changed(answer)
    *path, name = pointer.strip("/").split("/")
    holder: Any = changed
    for part in path:
        holder = holder[int(part)] if part.isdigit() else holder[part]
    holder[name] = value
    parent = "/" + "/".join(path)
    return Lie(kind, changed, (pointer,), tuple(f"{parent}/{n}" for n in PARTNERS.get(name, (name,))))


def lies(answer: PageExtraction, chance: random.Random) -> Iterator[Lie]:
    """Every kind of lie the answer offers a place for."""
    for number, production in enumerate(answer.productions):
        at = f"/productions/{number}"
        yield _replaced(answer, "title", f"{at}/opera_title", "Die Sirenen von Quendelberg")
        if production.composer:
            yield _replaced(answer, "composer", f"{at}/composer", chance.choice(INVENTED))
        if production.duration_minutes:
            yield _replaced(answer, "duration", f"{at}/duration_minutes", production.duration_minutes + 7)
        if production.genre != "ballet":
            yield _replaced(answer, "genre", f"{at}/genre", "zarzuela")
        if production.presentation is None:
            yield _replaced(answer, "presentation", f"{at}/presentation", "semi_staged")
        for n, credit in enumerate(production.creative_team):
            yield _replaced(answer, "credit", f"{at}/creative_team/{n}/name", chance.choice(INVENTED))
            wrong = "director" if credit.function != "director" else "lighting_designer"
            if not any(c.name == credit.name and c.function == wrong for c in production.creative_team):
                yield _replaced(answer, "function", f"{at}/creative_team/{n}/function", wrong)
        members = production.cast_members
        for n, member in enumerate(members):
            yield _replaced(answer, "performer", f"{at}/cast_members/{n}/performer", chance.choice(INVENTED))
            yield _replaced(answer, "role", f"{at}/cast_members/{n}/role", "Quendelkönig")
            other = members[(n + 1) % len(members)]
            mine = {m.role for m in members if m.performer == member.performer}
            if other.role and member.role and other.role not in mine:
                yield _replaced(answer, "swapped role", f"{at}/cast_members/{n}/role", other.role)
            for m, night in enumerate(member.nights):
                shifted = (dt.date.fromisoformat(night.date) + dt.timedelta(days=1)).isoformat()
                if all(shifted != other.date for other in member.nights):
                    yield _replaced(answer, "night", f"{at}/cast_members/{n}/nights/{m}/date", shifted)
        evenings = {(e.date, e.time) for e in production.performances}
        days = {e.date for e in production.performances}
        for n, evening in enumerate(production.performances):
            shifted = (dt.date.fromisoformat(evening.date) + dt.timedelta(days=1)).isoformat()
            if shifted not in days:
                yield _replaced(answer, "shifted date", f"{at}/performances/{n}/date", shifted)
            yield _replaced(answer, "impossible date", f"{at}/performances/{n}/date", "2026-02-31")
            times = [t for t in ("15:00", "19:30", "11:11") if (evening.date, t) not in evenings and t != evening.time]
            for time in times[:2]:
                yield _replaced(answer, "time", f"{at}/performances/{n}/time", time)
            if evening.status != "postponed":
                yield _replaced(answer, "status", f"{at}/performances/{n}/status", "postponed")
            if evening.availability not in ("members_only", "free"):
                yield _replaced(answer, "availability", f"{at}/performances/{n}/availability", "members_only")
            if evening.type is None:
                yield _replaced(answer, "type", f"{at}/performances/{n}/type", "gala")
        for n, price in enumerate(production.ticket_prices):
            if price.min is not None:
                yield _replaced(answer, "price", f"{at}/ticket_prices/{n}/min", price.min + 1.37)
            others = [p for p in production.ticket_prices if p.category and p.min != price.min]
            if price.category and others:
                yield _replaced(answer, "swapped category", f"{at}/ticket_prices/{n}/min", others[0].min)


@pytest.fixture(scope="module")
def tried() -> list[tuple[Lie, dict[str, Any], dict[str, Any]]]:
    """Every lie with the evidence of the true answer and of the lying one."""
    chance = random.Random(17)
    found = []
    for path in sample_pages():
        answer, page = sample(path)
        truth = ground(answer, page).evidence
        for lie in lies(answer, chance):
            if chance.random() > 0.65:  # a thousand lies of every kind are enough for every run
                continue
            found.append((lie, truth, ground(PageExtraction.model_validate(lie.answer), page).evidence))
    return found


def test_every_lie_is_absent(tried: list[tuple[Lie, dict[str, Any], dict[str, Any]]]) -> None:
    believed = [
        (lie.kind, pointer, lie.answer["productions"][int(pointer.split("/")[2])]["opera_title"], evidence[pointer])
        for lie, _, evidence in tried
        for pointer in lie.pointers
        if evidence[pointer]["status"] != "absent"
    ]

    assert len(tried) >= 1_000
    assert len({lie.kind for lie, _, _ in tried}) >= 15
    assert believed == []


def test_a_lie_takes_no_true_value_with_it(tried: list[tuple[Lie, dict[str, Any], dict[str, Any]]]) -> None:
    kept = lost = 0
    for lie, truth, evidence in tried:
        for pointer, found in truth.items():
            if pointer.startswith(lie.partners) or found["status"] == "absent" or pointer not in evidence:
                continue
            if evidence[pointer]["status"] == "absent":
                lost += 1
            else:
                kept += 1

    assert lost / (kept + lost) < 0.002


@pytest.mark.parametrize("path", sample_pages(), ids=lambda path: "/".join(path.parts[-3:]))
def test_true_answers_are_kept(path: Any) -> None:
    answer, page = sample(path)

    grounding = ground(answer, page)

    absent = [pointer for pointer, found in grounding.evidence.items() if found["status"] == "absent"]
    assert absent == []
    assert grounding.is_validated
    assert grounding.confidence_score > 0
