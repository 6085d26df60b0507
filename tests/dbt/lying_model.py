"""A model that reads every page rightly and lies in between: it drops nothing, and remembers each of its lies.

Half of its lies stand beside the truth (one more singer, one more evening, one more production), half in its place.
"""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from opera_spiders.extraction.evaluate import find_examples, page_of
from opera_spiders.extraction.schema import PageExtraction
from sample_houses.answers import page_extraction
from sample_houses.server import EXPECTED
from tests.extraction.lies import INVENTED, REUSED, Change, Kind, any_words
from tests.extraction.located import FETCHED_AT, located, sample_pages
from tests.openai_server import Json, Question

EXAMPLES = Path(__file__).parents[1] / "extraction" / "pages"
MARK = "Copy"
IDENTITY = {
    "works": ("title",),
    "creative_team": ("name", "function"),
    "cast_members": ("performer", "role"),
    "performances": ("date", "time"),
    "ticket_prices": ("category", "min", "max", "nights"),
}


@dataclass(frozen=True)
class Original:
    """A page of which many houses print a copy, with its true answer."""

    html: str
    answer: Json
    fetched_at: datetime
    language: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """One lie, and the object that holds it."""

    group: str
    kind: str
    title: str | None
    list_name: str
    held: Json
    field: str
    value: Any

    def pointers(self, answer: Json) -> Iterator[str]:
        """Yield where the lie stands in an answer as it was stored: evenings in order, runs of one title as one."""
        for number, production in enumerate(answer["productions"]):
            at = f"/productions/{number}"
            if production["opera_title"] != self.title:
                continue
            if not self.list_name:
                yield from [f"{at}/{self.field}"] if production[self.field] == self.value else []
            elif self.list_name == "co_producers":
                named = enumerate(production["co_producers"])
                yield from (f"{at}/co_producers/{n}" for n, name in named if name == self.value)
            else:
                for n, item in enumerate(production[self.list_name]):
                    if all(item[name] == self.held[name] for name in IDENTITY[self.list_name]):
                        yield from self._fields(f"{at}/{self.list_name}/{n}", item)

    def _fields(self, at: str, item: Json) -> Iterator[str]:
        if not self.field.startswith("nights/"):
            yield from [f"{at}/{self.field}"] if item[self.field] == self.value else []
            return
        yield from (f"{at}/nights/{n}/date" for n, night in enumerate(item["nights"]) if night["date"] == self.value)


@dataclass
class Copy:
    """A page of a house of its own; of the first copy the model tells the truth."""

    original: Original
    number: int
    name: str
    lies: list[Told] = field(default_factory=list)
    answer: Json = field(default_factory=dict)

    @property
    def house(self) -> str:
        """Return its domain."""
        return f"{self.name}.example"

    @property
    def html(self) -> str:
        """Return the page with the copy's name below it, so that no two are the same content."""
        body, end, rest = self.original.html.rpartition("</body>")
        return f"{body or rest}<p>{MARK} {self.name}</p>{end}{rest if body else ''}"

    @property
    def is_true(self) -> bool:
        """Tell whether the model tells the truth of it."""
        return self.number == 0


def originals() -> list[Original]:
    """Return the pages of the sample houses and one of each kind of house."""
    found = []
    for path in sample_pages():
        html = path.read_text(encoding="utf-8").replace("{{origin}}", "http://127.0.0.1:8711")
        expected = path.with_name(path.name.removesuffix(".html") + EXPECTED).read_text(encoding="utf-8")
        found.append(
            Original(html, json.loads(expected.replace("{{origin}}", "http://127.0.0.1:8711")), FETCHED_AT, None)
        )
    for example in find_examples(EXAMPLES)[0]:
        page = page_of(example)
        html = example.page.read_text(encoding="utf-8")
        found.append(Original(html, dict(example.answer), page.fetched_at, page.language))
    return found


def copies(pages: Sequence[Original], count: int) -> list[Copy]:
    """Return a true and ``count`` lied-about copies of each page, with names of letters alone: digits could be read."""
    return [
        Copy(page, number, f"copy{_letters(at)}x{_letters(number)}")
        for at, page in enumerate(pages)
        for number in range(count + 1)
    ]


def _letters(number: int) -> str:
    return "".join("bcdfghjkmq"[int(digit)] for digit in str(number))


class LyingModel:
    """Answers questions about copies; of the objects that have a place for a lie, about ``share`` hold one."""

    def __init__(self, pages: Sequence[Copy], share: float) -> None:
        self.share = share
        self.pages = {page.name: page for page in pages}

    def __call__(self, question: Question) -> Json:
        """Return the true answer with its lies."""
        page = self.pages[re.findall(rf"\| {MARK} (\w+)$", question.user, re.MULTILINE)[0]]
        shown = question.page()
        answer = located(page_extraction(page.original.answer), shown)
        assert not page.answer, f"{page.name} was asked about twice"
        if page.is_true:
            page.answer = answer.model_dump(mode="json")
        else:
            chance = random.Random(page.name)
            texts = [block.text for block in shown.blocks.blocks if block.kind != "json"]
            kinds = {"invented": INVENTED, "reused": REUSED, "any words": any_words(texts, answer, chance)}
            page.answer, page.lies = _lying(answer, kinds, chance, self.share)
        return page.answer


def _lying(
    answer: PageExtraction, groups: dict[str, dict[str, Kind]], chance: random.Random, share: float
) -> tuple[Json, list[Told]]:
    truth = answer.model_dump(mode="json")
    lying = copy.deepcopy(truth)
    lies: list[Told] = []
    for number, production in enumerate(truth["productions"]):
        others = [other for other in truth["productions"] if other is not production]
        for holder, choices in _places(production, others, groups, chance).items():
            # Of an object's many possible lies the kind is chosen first: rare kinds are told as often as others.
            if chance.random() < share or not holder:
                group, kind = chance.choice(sorted(choices))
                pointer, value = chance.choice(choices[group, kind])
                lies.append(_tell(lying, number, holder, group, kind, pointer, value, chance))
    return PageExtraction.model_validate(lying).model_dump(mode="json"), lies


def _places(
    production: Json, others: list[Json], groups: dict[str, dict[str, Kind]], chance: random.Random
) -> dict[str, dict[tuple[str, str], list[Change]]]:
    """Return for each object of a production (pointer, empty for itself) the lies that it has a place for, by kind."""
    places: dict[str, dict[tuple[str, str], list[Change]]] = {}
    for group, kinds in groups.items():
        for name, kind in kinds.items():
            for pointer, value in kind(copy.deepcopy(production), copy.deepcopy(others), chance):
                # Of a list of strings the list is one object with the production, of nights their singer is.
                parts = pointer.strip("/").split("/")
                if name == "title of another production" and not production["performances"]:
                    continue  # a title that the page prints is a lie only with an evening
                holder = "/".join(parts[:2]) if len(parts) > 2 else ""
                places.setdefault(holder, {}).setdefault((group, name), []).append((pointer, value))
    return places


def _tell(
    lying: Json, number: int, holder: str, group: str, kind: str, pointer: str, value: Any, chance: random.Random
) -> Told:
    """Put a lie in the place of the truth or beside it."""
    production = lying["productions"][number]
    list_name, _, rest = pointer.strip("/").partition("/")
    if list_name == "opera_title":
        # One more production, with the evenings of this one.
        invented = {**copy.deepcopy(production), "opera_title": value, "works": [], "ticket_prices": []}
        lying["productions"].append({**invented, "creative_team": [], "cast_members": []})
        if kind == "title of another production":
            evening = production["performances"][0]
            return Told(group, kind, value, "performances", evening, "date", evening["date"])
        return Told(group, kind, value, "", {}, "opera_title", value)
    if not rest:
        production[list_name] = value
        return Told(group, kind, production["opera_title"], "", {}, list_name, value)
    if list_name == "co_producers":
        production[list_name][int(rest)] = value
        return Told(group, kind, production["opera_title"], list_name, {}, rest, value)
    index, _, place = rest.partition("/")
    if chance.random() < 0.5:
        held = copy.deepcopy(production[list_name][int(index)])
        production[list_name].append(held)
    else:
        held = production[list_name][int(index)]
    _set(held, place, value)
    return Told(group, kind, production["opera_title"], list_name, held, place, value)


def _set(holder: Json, place: str, value: Any) -> None:
    *path, name = place.split("/")
    held: Any = holder
    for part in path:
        held = held[int(part)] if part.isdigit() else held[part]
    held[int(name) if name.isdigit() else name] = value


def leaves_of(answer: Json) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Yield (what it says, pointer) of each value of an answer's productions, equal wherever the same is said."""
    for number, production in enumerate(answer["productions"]):
        at, title = f"/productions/{number}", production["opera_title"]
        for name, value in production.items():
            if not isinstance(value, list):
                yield (title, name, str(value)), f"{at}/{name}"
                continue
            for n, item in enumerate(value):
                if not isinstance(item, dict):
                    yield (title, name, item), f"{at}/{name}/{n}"
                    continue
                identity = tuple(str(item[field]) for field in IDENTITY[name])
                for field_name, leaf in item.items():
                    yield (title, name, identity, field_name, str(leaf)), f"{at}/{name}/{n}/{field_name}"
