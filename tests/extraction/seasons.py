"""An invented house's season as a page, and what a model that reads well says of any part of it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from opera_spiders.extraction.blocks import read_blocks
from opera_spiders.extraction.extractor import PageToExtract
from opera_spiders.extraction.schema import Performance, Production
from tests.openai_server import NOTHING, Json, Question

FETCHED = datetime(2027, 1, 2, 12, tzinfo=UTC)
TITLES = ("Tosca", "Carmen", "Aida", "Norma", "Salome", "Elektra", "Rusalka", "Jenůfa", "Werther", "Fidelio")


def night(number: int) -> date:
    return date(2027, 1, 3) + timedelta(days=number)


_numbers = count(1)


def season(
    evenings: int, url: str = "https://opera.example/season", *, edition: int | None = None, markup: int = 0
) -> PageToExtract:
    """The page of a season as an extractor sees it; without ``edition`` no two are equal."""
    html = season_html(evenings, next(_numbers) if edition is None else edition, markup)
    return PageToExtract(read_blocks(html.encode(), "text/html", url), FETCHED, "opera.example", "en")


def season_html(evenings: int, edition: int, markup: int = 0) -> str:
    """Ten evenings each of ten titles in turn, each with its cast; ``markup`` bytes around each evening nobody sees."""
    rows = []
    for number in range(evenings):
        if number % 10 == 0:
            title = TITLES[number // 10 % 10]
            rows += [
                f"<h2>{title}</h2><p>Conductor: Alma Prell</p>",
                f"<table><tr><td>First Lead</td><td>{title} Singer</td></tr>",
                "<tr><td>Second Lead</td><td>Bruno Kall</td></tr></table>",
            ]
        rows.append(f"<p data-layout='{markup * '-'}'>{night(number):%A %-d %B %Y}, 19:30</p>")
    body = f"<main><h1>Season {edition}</h1>{''.join(rows)}</main>"
    return f"<html lang=en><title>Season</title><body>{body}</body></html>"


def empty(model: type[Any]) -> Json:
    """An object of the contract with every field null, false or empty."""
    fields = model.model_json_schema()["properties"].items()
    blank = {"array": list, "boolean": bool}
    return {name: None if "anyOf" in shape else blank.get(shape.get("type"), str)() for name, shape in fields}


def truth(question: Question) -> Json:
    """What the lines shown state, and no more: as a good model would answer about this part of a season."""
    productions: list[Json] = []
    for line in question.block_lines:
        id_, kind, text = line.split(" | ", 2)
        if kind == "h2":
            work = {"block": id_, "title": text, "composer": None, "version": None, "extent": None}
            productions.append({**empty(Production), "block": id_, "opera_title": text, "works": [work]})
        elif text.startswith("Conductor: "):
            credit = {"block": id_, "name": text.split(": ")[1], "function": "conductor", "nights": []}
            productions[-1]["creative_team"].append(credit)
        elif found := re.fullmatch(r"(First Lead|Second Lead) \| (.*)", text):
            role, performer = found.groups()
            member = {"block": id_, "performer": performer, "role": role, "kind": "main", "nights": []}
            productions[-1]["cast_members"].append({**member, "voice_type": None, "replaces": None})
        elif found := re.fullmatch(r"\w+ (\d+ \w+ \d{4}), (\d\d:\d\d)", text):
            day = datetime.strptime(found[1], "%d %B %Y").date().isoformat()  # noqa: DTZ007
            evening = {**empty(Performance), "block": id_, "date": day, "time": found[2]}
            productions[-1]["performances"].append(evening)
    return {**NOTHING, "page_type": "season", "language": "en", "productions": productions}
