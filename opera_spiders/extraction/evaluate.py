"""Compares what an extractor reads with what people read: precision, recall and F1 per field.

Only values that the warehouse would take count as read: ``verified``, ``section``, ``inferred`` and ``reviewed``, and
``elsewhere`` for the only production of a page. Two kinds of answer are understood:

``<page>.expected.json``   a PageExtraction without ``block``, nulls and empty lists left out; complete, so whatever
                           else is read is an error
``<page>.gold.json``       an answer made by hand with its own fields (README of the pages). Complete for its fields:
                           null means that the page does not say. ``accept`` lists other right values, ``derived``
                           fields may be missing. With a ``scope``, other events than operas may be read without
                           error, and a title quoted beside "accept present or absent" may be read or not. Without
                           one, every other production is an error. ``on_sale`` against a null status is not
                           counted, because the gold answers do not say what stands on a button.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from opera_spiders.companies import companies
from opera_spiders.errors import BadInputError
from opera_spiders.extraction.blocks import read_blocks
from opera_spiders.extraction.dates import find_seasons
from opera_spiders.extraction.extractor import Extraction, Extractor, PageToExtract
from opera_spiders.extraction.names import read_names
from opera_spiders.extraction.page_words import language_code
from opera_spiders.extraction.vocabulary import composer_named, works_titled
from opera_spiders.text import key

Value = tuple[Any, ...]
Facts = dict[str, list[Value]]

TAKEN = frozenset({"verified", "section", "inferred", "reviewed"})
OPERATIC = frozenset({None, "opera", "operetta", "zarzuela"})
PAGE_SUFFIXES = ("", ".html", ".htm", ".json", ".pdf")


# ------------------------------------------------------------------------------------------------------ pages to read


@dataclass(frozen=True, slots=True)
class Example:
    """A page with its answer."""

    page: Path
    answer: dict[str, Any]
    is_gold: bool


def find_examples(directory: Path) -> tuple[list[Example], list[Path]]:
    """Return the pages of a directory that have an answer, and the answers whose page is missing.

    :raises BadInputError: the directory does not exist, holds no answer, or an answer is no JSON object
    """
    if not directory.is_dir():
        raise BadInputError(
            f"{directory} is no directory. Name one with pages and answers (*.gold.json, *.expected.json)."
        )
    examples, orphans = [], []
    for path in sorted([*directory.rglob("*.gold.json"), *directory.rglob("*.expected.json")]):
        try:
            answer = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise BadInputError(f"{path} is no JSON ({error}). Correct it, or move it out of {directory}.") from None
        if not isinstance(answer, dict):
            raise BadInputError(f"{path} holds no JSON object. Correct it, or move it out of {directory}.")
        is_gold = path.name.endswith(".gold.json")
        stem = path.name.removesuffix(".gold.json" if is_gold else ".expected.json")
        page = next((p for suffix in PAGE_SUFFIXES if (p := path.with_name(stem + suffix)).is_file()), None)
        if page is None:
            orphans.append(path)
        else:
            examples.append(Example(page, answer, is_gold))
    if not examples:
        raise BadInputError(f"{directory} holds no page with an answer (<page>.gold.json or <page>.expected.json).")
    return examples, orphans


def page_of(example: Example, fetched_at: dt.datetime | None = None) -> PageToExtract:
    """Return the page as an extractor sees it.

    :param fetched_at: when the page was fetched; else a date in the file's name, else the file's time of change
    """
    path = example.page
    if fetched_at is None:
        named = re.search(r"\d{4}-\d{2}-\d{2}", path.name)
        if named:
            fetched_at = dt.datetime.fromisoformat(f"{named.group()}T12:00:00+00:00")
        else:
            fetched_at = dt.datetime.fromtimestamp(path.stat().st_mtime, tz=dt.UTC)
    company = next((company for company in companies() if company.slug == path.parent.name), None)
    domain = company.domain if company else "example.org"
    content_type = {".pdf": "application/pdf", ".json": "application/json"}.get(path.suffix, "text/html")
    blocks = read_blocks(path.read_bytes(), content_type, f"https://{domain}/{path.name}", _encoding(path))
    return PageToExtract(blocks, fetched_at, domain, language=company.page_language if company else None)


def _encoding(path: Path) -> str | None:
    """UTF-8 where the bytes are; else what the page says of itself."""
    try:
        path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "utf-8"


# ------------------------------------------------------------------------------------------------- facts of an answer


def taken(extraction: Extraction) -> dict[str, Any]:
    """Return what the warehouse would take of an extraction: its answer with every other value null."""
    answer: dict[str, Any] = json.loads(json.dumps(extraction.raw_response or {}))
    only = len(answer.get("productions", [])) == 1
    for pointer, found in extraction.evidence.items():
        parts = pointer.strip("/").split("/")
        if found["status"] in TAKEN or pointer in ("/page_type", "/language"):
            continue
        if found["status"] == "elsewhere" and _is_scalar_of_only_production(parts, only):
            continue
        holder: Any = answer
        for part in parts[:-1]:
            holder = holder[int(part)] if part.isdigit() else holder[part]
        holder[int(parts[-1]) if parts[-1].isdigit() else parts[-1]] = None
    return answer


def _is_scalar_of_only_production(parts: Sequence[str], only: bool) -> bool:
    return only and len(parts) == 3 and parts[0] == "productions"


@lru_cache(maxsize=65_536)
def _title(printed: str) -> str:
    works = works_titled(printed)
    return works[0].work_id if len(works) == 1 else key(printed)


@lru_cache(maxsize=65_536)
def _name(printed: str) -> str:
    names = read_names(printed)
    bare = names[0].name if len(names) == 1 else printed
    return " ".join(sorted(key(bare).split()))


@lru_cache(maxsize=65_536)
def _composer(printed: str) -> str:
    known = composer_named(printed)
    return known.composer_id if known else _name(printed)


@lru_cache(maxsize=4_096)
def _season(printed: str) -> str:
    seasons = find_seasons(f"Season {printed}")
    return seasons[0].first.isoformat() if seasons else key(printed)


def _amount(value: Any) -> str:
    return "" if value is None else f"{Decimal(str(value)):.2f}"


_PLAIN: dict[str, Any] = {
    "opera_title": ("title", _title),
    "composer": ("composer", _composer),
    "librettist": ("librettist", key),
    "production_title": ("production_title", key),
    "season": ("season", _season),
    "language": ("language", str),
    "genre": ("genre", str),
    "venue": ("venue", key),
    "city": ("city", key),
    "production_type": ("production_type", str),
    "presentation": ("presentation", str),
    "premiere_date": ("premiere_date", str),
    "closing_date": ("closing_date", str),
    "duration_minutes": ("duration_minutes", int),
    "intermissions": ("intermissions", int),
}


def production_facts(production: Mapping[str, Any]) -> Facts:
    """Return what a production of a PageExtraction states, by field, in a form in which printings compare equal."""
    facts: Facts = defaultdict(list)
    for name, (label, fold) in _PLAIN.items():
        if production.get(name) is not None:
            facts[label].append((fold(production[name]),))
    for name in ("is_family", "is_world_premiere"):
        if production.get(name):
            facts[name].append((True,))
    for name in ("premiere_words", "co_producers"):
        facts[name] += [(key(words),) for words in production.get(name) or [] if words]
    for work in production.get("works") or []:
        if work.get("title"):
            facts["work"].append((_title(work["title"]), _composer(work.get("composer") or "")))
    for credit in production.get("creative_team") or []:
        if credit.get("name") and credit.get("function"):
            facts[credit["function"]].append((_name(credit["name"]),))
            facts["credit_night"] += _nights(credit, (_name(credit["name"]), credit["function"]))
    for member in production.get("cast_members") or []:
        if member.get("performer"):
            pair = (_name(member["performer"]), key(member.get("role") or ""))
            facts["performer_role"].append(pair)
            facts["cast_night"] += _nights(member, pair)
            if member.get("kind"):
                facts["cast_kind"].append((*pair, member["kind"]))
            if member.get("replaces"):
                facts["replaces"].append((*pair, _name(member["replaces"])))
    for evening in production.get("performances") or []:
        _add_evening(facts, evening)
    for price in production.get("ticket_prices") or []:
        if price.get("min") is not None or price.get("max") is not None or price.get("kind") == "free":
            facts["price"].append(
                (
                    key(price.get("category") or ""),
                    _amount(price.get("min")),
                    _amount(price.get("max")),
                    price.get("currency"),
                )
            )
            facts["price_night"] += _nights(price, (_amount(price.get("min")), _amount(price.get("max"))))
    return {name: list(dict.fromkeys(values)) for name, values in facts.items() if values}


def _nights(holder: Mapping[str, Any], who: Value) -> list[Value]:
    return [(*who, night["date"]) for night in holder.get("nights") or [] if night.get("date")]


def _add_evening(facts: Facts, evening: Mapping[str, Any]) -> None:
    date, time = evening.get("date"), evening.get("time")
    if not date:
        return
    facts["date"].append((date,))
    if time:
        facts["time"].append((date, time))
    for name in ("status", "availability", "type", "ticket_url"):
        if evening.get(name):
            facts[name if name == "ticket_url" else f"performance_{name}"].append((date, time, evening[name]))
    for name in ("venue", "city"):
        if evening.get(name):
            facts[f"performance_{name}"].append((date, time, key(evening[name])))


def page_facts(answer: Mapping[str, Any]) -> Facts:
    """Return what a PageExtraction says of the page itself."""
    facts: Facts = {"page_type": [(answer["page_type"],)]} if answer.get("page_type") else {}
    if answer.get("language"):
        facts["page_language"] = [(answer["language"],)]
    for name, value in (answer.get("company") or {}).items():
        if name != "block" and value:
            facts[f"company_{name}"] = [(key(value),)]
    return facts


# ------------------------------------------------------------------------------------------------------- gold answers

_GOLD_CREDITS = (
    "director",
    "set_designer",
    "costume_designer",
    "lighting_designer",
    "choreographer",
    "chorus_master",
)
_GOLD_FIELDS = frozenset(
    {
        "title",
        "composer",
        "conductor",
        *_GOLD_CREDITS,
        "premiere_date",
        "closing_date",
        "venue",
        "language",
        "duration_minutes",
        "date",
        "time",
        "status",
        "performer_role",
        "cast_night",
        "price_min",
        "price_max",
        "currency",
    }
)


def gold_facts(production: Mapping[str, Any]) -> Facts:
    """Return what a production of a gold answer states, in the same form as :func:`production_facts`."""
    facts: Facts = defaultdict(list)
    folds = {"opera_title": ("title", _title), "composer": ("composer", _composer), "venue": ("venue", key)}
    for name, (label, fold) in folds.items():
        if production.get(name):
            facts[label].append((fold(production[name]),))
    for name in ("premiere_date", "closing_date", "duration_minutes"):
        if production.get(name):
            facts[name].append((production[name],))
    if production.get("language"):
        facts["language"].append((language_code(production["language"]) or production["language"],))
    facts["conductor"] += [(_name(person["name"]),) for person in production.get("conductors") or []]
    for name in _GOLD_CREDITS:
        facts[name] += [(_name(person),) for person in re.split(r"\s*;\s*", production.get(name) or "") if person]
    for member in production.get("cast") or []:
        pair = (_name(member["performer"]), key(member.get("role") or ""))
        facts["performer_role"].append(pair)
        facts["cast_night"] += [(*pair, date) for date in member.get("dates") or []]
    for evening in production.get("performances") or []:
        facts["date"].append((evening["date"],))
        if evening.get("time"):
            facts["time"].append((evening["date"], evening["time"]))
        if evening.get("status"):
            facts["status"].append((evening["date"], evening["status"]))
    prices = production.get("ticket_prices")
    if prices:
        for name in ("min", "max"):
            if prices.get(name) is not None:
                facts[f"price_{name}"].append((_amount(prices[name]),))
        if prices.get("currency"):
            facts["currency"].append((prices["currency"],))
    return {name: list(dict.fromkeys(values)) for name, values in facts.items() if values}


def as_gold(production: Mapping[str, Any], gold: Mapping[str, Any] | None) -> Facts:
    """Return a read production's facts in the fields of the gold format.

    :param gold: the gold production it is compared with: nights and open sale count only where that has them
    """
    all_facts = production_facts(production)
    facts = {name: values for name, values in all_facts.items() if name in _GOLD_FIELDS}
    evenings = production.get("performances") or []
    if "venue" not in facts:
        venues = {key(evening["venue"]) for evening in evenings if evening.get("venue")}
        if len(venues) == 1:
            facts["venue"] = [(venues.pop(),)]
    statuses = [
        (e["date"], e["status"] if e.get("status") in ("cancelled", "postponed") else e.get("availability"))
        for e in evenings
        if e.get("date")
    ]
    silent = {e["date"] for e in (gold or {}).get("performances") or [] if not e.get("status")}
    facts["status"] = list(
        dict.fromkeys(s for s in statuses if s[1] and not (s[1] == "on_sale" and (gold is None or s[0] in silent)))
    )
    prices = production.get("ticket_prices") or []
    lows = [Decimal(str(p["min"])) for p in prices if p.get("min") is not None]
    highs = [Decimal(str(p["max"])) for p in prices if p.get("max") is not None]
    if lows:
        facts["price_min"] = [(_amount(min(lows)),)]
    if highs:
        facts["price_max"] = [(_amount(max(highs)),)]
    currencies = Counter(p["currency"] for p in prices if p.get("currency"))
    if currencies:
        facts["currency"] = [(currencies.most_common(1)[0][0],)]
    dated = {pair[:2] for pair in (gold_facts(gold).get("cast_night", []) if gold else [])}
    facts["cast_night"] = [night for night in facts.get("cast_night", []) if night[:2] in dated]
    return {name: values for name, values in facts.items() if values}


def _accepted(gold: Mapping[str, Any], name: str) -> list[Any]:
    """Return other right values of a gold field; None among them means that it may be missing."""
    alternatives = list((gold.get("accept") or {}).get(name, []))
    if name in (gold.get("derived") or []):
        alternatives.append(None)
    return alternatives


# --------------------------------------------------------------------------------------------------------- comparison


@dataclass(slots=True)
class Score:
    """Counts of one field: right, invented (read but wrong) and missing (right but not read)."""

    right: int = 0
    invented: int = 0
    missing: int = 0

    @property
    def support(self) -> int:
        """Number of right answers there are."""
        return self.right + self.missing

    @property
    def precision(self) -> float:
        """Share of what was read that is right; 0 when nothing was read although there was something."""
        read = self.right + self.invented
        return self.right / read if read else 0.0

    @property
    def recall(self) -> float:
        """Share of the right answers that was read."""
        return self.right / self.support if self.support else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def add(self, other: Score) -> None:
        """Add another score's counts."""
        self.right += other.right
        self.invented += other.invented
        self.missing += other.missing

    def as_json(self) -> dict[str, Any]:
        """Return the figures of the report."""
        return {
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
            "f1": round(self.f1, 4),
            "support": self.support,
        }


@dataclass(frozen=True, slots=True)
class Confusion:
    """One value that was invented or is missing."""

    page: str
    production: str
    field: str
    kind: str  # "invented" or "missing"
    value: str


@dataclass(slots=True)
class Report:
    """Scores per field: of all pages, of each language and of each page."""

    fields: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    languages: dict[str, dict[str, Score]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Score)))
    pages: dict[str, dict[str, Score]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Score)))
    confusions: list[Confusion] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    orphans: list[str] = field(default_factory=list)
    tokens_input: int = 0
    tokens_output: int = 0
    cost_usd: Decimal | None = None
    llm_model: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON: ``fields.<name>.{precision,recall,f1,support}`` and the same per language and page."""
        return {
            "llm_model": self.llm_model,
            "fields": _scores_as_json(self.fields),
            "languages": {name: _scores_as_json(scores) for name, scores in sorted(self.languages.items())},
            "pages": {name: _scores_as_json(scores) for name, scores in sorted(self.pages.items())},
            "confusions": [
                {"page": c.page, "production": c.production, "field": c.field, "kind": c.kind, "value": c.value}
                for c in self.confusions
            ],
            "errors": self.errors,
            "answers_without_page": self.orphans,
            "tokens_input": self.tokens_input,
            "tokens_output": self.tokens_output,
            "cost_usd": None if self.cost_usd is None else str(self.cost_usd),
        }

    def add(self, page: str, language: str, confusions: Iterable[Confusion], right: Mapping[str, int]) -> None:
        """Count one production's comparison."""
        scores: dict[str, Score] = defaultdict(Score)
        for name, count in right.items():
            scores[name].right += count
        for confusion in confusions:
            self.confusions.append(confusion)
            if confusion.kind == "invented":
                scores[confusion.field].invented += 1
            else:
                scores[confusion.field].missing += 1
        for name, score in scores.items():
            for group in (self.fields, self.languages[language], self.pages[page]):
                group[name].add(score)


def _scores_as_json(scores: Mapping[str, Score]) -> dict[str, Any]:
    return {name: score.as_json() for name, score in sorted(scores.items())}


async def evaluate(directory: Path, extractor: Extractor, *, fetched_at: dt.datetime | None = None) -> Report:
    """Read every page of a directory that has an answer, and compare.

    :param fetched_at: when the pages were fetched, if their names do not say
    :raises BadInputError: the directory holds no page with an answer
    """
    examples, orphans = find_examples(directory)
    report = Report(llm_model=extractor.llm_model, orphans=[str(path.relative_to(directory)) for path in orphans])
    for example in examples:
        name = str(example.page.relative_to(directory))
        page = page_of(example, fetched_at)
        extraction = await extractor.extract(page)
        if extraction.error is not None:
            report.errors[name] = extraction.error
        report.tokens_input += extraction.tokens_input or 0
        report.tokens_output += extraction.tokens_output or 0
        if extraction.cost_usd is not None:
            report.cost_usd = (report.cost_usd or Decimal(0)) + extraction.cost_usd
        compare(report, name, page.blocks.language or page.language or "?", example, taken(extraction))
    return report


def compare(report: Report, page: str, language: str, example: Example, read: Mapping[str, Any]) -> None:
    """Add the comparison of one page to a report.

    :param read: a PageExtraction as JSON, as :func:`taken` returns it
    """
    right_productions = example.answer.get("productions") or []
    read_productions = list(read.get("productions") or [])
    facts_of_right = gold_facts if example.is_gold else production_facts
    matches = _matched([facts_of_right(p) for p in right_productions], [production_facts(p) for p in read_productions])
    for number, production in enumerate(right_productions):
        partner = matches.get(number)
        title = production.get("opera_title") or "?"
        if example.is_gold:
            got = as_gold(read_productions[partner], production) if partner is not None else {}
            outcome = _compared_with_gold(page, title, production, got)
        else:
            got = production_facts(read_productions[partner]) if partner is not None else {}
            outcome = _compared(page, title, production_facts(production), got)
        report.add(page, language, *outcome)
    for number, production in enumerate(read_productions):
        if number in matches.values() or (example.is_gold and not _is_error(production, example.answer)):
            continue
        extra = as_gold(production, None) if example.is_gold else production_facts(production)
        report.add(page, language, *_compared(page, production.get("opera_title") or "?", {}, extra))
    if not example.is_gold:
        report.add(page, language, *_compared(page, "", page_facts(example.answer), page_facts(read)))


def _is_error(production: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    """Tell whether a production that the gold answer does not have was read wrongly."""
    scope = answer.get("scope")
    if scope is None:
        return True
    for clause in re.split(r";", scope):
        if "accept present or absent" in clause:
            titles = [key(title) for title in re.findall(r'"([^"]+)"', clause)]
            if key(production.get("opera_title") or "") in titles:
                return False
    return production.get("genre") in OPERATIC


def _matched(right: Sequence[Facts], read: Sequence[Facts]) -> dict[int, int]:
    """Pair productions by best overlap of title, evenings and people; each at most once."""
    candidates = []
    for a, wanted in enumerate(right):
        for b, got in enumerate(read):
            overlap = _overlap(wanted, got)
            if overlap > 0:
                candidates.append((-overlap, a, b))
    matches: dict[int, int] = {}
    for _, a, b in sorted(candidates):
        if a not in matches and b not in matches.values():
            matches[a] = b
    return matches


def _overlap(wanted: Facts, got: Facts) -> float:
    same_title = bool(set(wanted.get("title", ())) & set(got.get("title", ())))
    dates, other_dates = set(wanted.get("date", ())), set(got.get("date", ()))
    shared_dates = len(dates & other_dates) / len(dates | other_dates) if dates and other_dates else 0.0
    people = set(wanted.get("performer_role", ())) & set(got.get("performer_role", ()))
    if not same_title and not people and shared_dates < 0.5:
        return 0.0
    return 3.0 * same_title + 2.0 * shared_dates + min(len(people), 3) * 0.5


def _compared(page: str, title: str, wanted: Facts, got: Facts) -> tuple[list[Confusion], dict[str, int]]:
    confusions: list[Confusion] = []
    right: dict[str, int] = {}
    for name in sorted({*wanted, *got}):
        expected, found = set(wanted.get(name, ())), set(got.get(name, ()))
        if expected or found:
            right[name] = len(expected & found)
        confusions += [Confusion(page, title, name, "missing", _shown(v)) for v in sorted(expected - found, key=str)]
        confusions += [Confusion(page, title, name, "invented", _shown(v)) for v in sorted(found - expected, key=str)]
    return confusions, right


def _compared_with_gold(
    page: str, title: str, gold: Mapping[str, Any], got: Facts
) -> tuple[list[Confusion], dict[str, int]]:
    wanted = gold_facts(gold)
    chosen: Facts = dict(wanted)
    for name, label in _ACCEPT_NAMES.items():
        for alternative in _accepted(gold, name):
            facts = gold_facts({name: alternative}).get(label, []) if alternative else []
            if set(facts) == set(got.get(label, ())):
                chosen[label] = facts
    return _compared(page, title, chosen, got)


_ACCEPT_NAMES = {
    "opera_title": "title",
    "composer": "composer",
    "conductors": "conductor",
    "venue": "venue",
    "language": "language",
    "premiere_date": "premiere_date",
    "closing_date": "closing_date",
    "duration_minutes": "duration_minutes",
    **{name: name for name in _GOLD_CREDITS},
}


def _shown(value: Value) -> str:
    return " · ".join("" if part is None else str(part) for part in value)


def rows_of(scores: Mapping[str, Score]) -> Iterator[tuple[str, Score]]:
    """Yield fields by falling support."""
    yield from sorted(scores.items(), key=lambda item: (-item[1].support, item[0]))
