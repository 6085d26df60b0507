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
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from opera_spiders.companies import companies
from opera_spiders.errors import BadInputError
from opera_spiders.extraction.blocks import read_blocks
from opera_spiders.extraction.evaluated_facts import (
    GOLD_CREDITS,
    Facts,
    Value,
    accepted,
    as_gold,
    gold_facts,
    page_facts,
    production_facts,
    taken,
)
from opera_spiders.extraction.extractor import Extractor, PageToExtract
from opera_spiders.text import key

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
        """Return ``fields.<name>.{precision,recall,f1,support}``, also per language and page, and what was wrong."""
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
        for alternative in accepted(gold, name):
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
    **{name: name for name in GOLD_CREDITS},
}


def _shown(value: Value) -> str:
    return " · ".join("" if part is None else str(part) for part in value)


def rows_of(scores: Mapping[str, Score]) -> Iterator[tuple[str, Score]]:
    """Yield fields by falling support."""
    yield from sorted(scores.items(), key=lambda item: (-item[1].support, item[0]))
