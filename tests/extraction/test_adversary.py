"""A model that lies: no invention finds evidence, hardly any word of the page passes for another, and truth is kept.

Every answer of the lying model holds one lie in each object that has a place for it, of one kind, among true values.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from opera_spiders.extraction.evaluate import find_examples, page_of
from opera_spiders.extraction.extractor import PageToExtract
from opera_spiders.extraction.grounding import ground
from opera_spiders.extraction.schema import PageExtraction
from sample_houses.answers import page_extraction
from tests.extraction.lies import INVENTED, REUSED, any_words, lying_answers
from tests.extraction.located import located, sample, sample_pages

PAGES = Path(__file__).parent / "pages"
ROUNDS = pytest.mark.parametrize(
    "seeds", [(17,), pytest.param(range(8), marks=pytest.mark.long)], ids=["one round", "eight rounds"]
)
Evidence = dict[str, dict[str, Any]]


def pages() -> Iterator[tuple[PageExtraction, PageToExtract]]:
    """The pages of the sample houses and of each kind of house, with their true answers."""
    for path in sample_pages():
        yield sample(path)
    for example in find_examples(PAGES)[0]:
        page = page_of(example)
        yield located(page_extraction(dict(example.answer)), page), page


SCALARS = frozenset(
    [
        "opera_title",
        "composer",
        "librettist",
        "production_title",
        "season",
        "language",
        "genre",
        "venue",
        "city",
        "production_type",
        "presentation",
        "is_family",
        "is_world_premiere",
        "premiere_date",
        "closing_date",
        "duration_minutes",
        "intermissions",
    ]
)
"""What the warehouse also takes from elsewhere on a page, if the page has one production."""


def reaches_core(pointer: str, found: dict[str, Any], production_count: int) -> bool:
    if found["status"] in ("verified", "section", "inferred"):
        return True
    _, _, _, *rest = pointer.split("/")
    return bool(found["status"] == "elsewhere" and production_count == 1 and len(rest) == 1 and rest[0] in SCALARS)


@dataclass
class Trial:
    """What was told and believed, by group and kind, and how many true values beside lies were kept and lost."""

    told: Counter[tuple[str, str]] = field(default_factory=Counter)
    believed: dict[tuple[str, str], list[tuple[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    kept: int = 0
    lost: Counter[str] = field(default_factory=Counter)

    def share(self, group: str, kind: str | None = None) -> float:
        """Return the share of lies believed, of a group or of one kind."""
        told = sum(count for (g, k), count in self.told.items() if g == group and kind in (None, k))
        return sum(len(b) for (g, k), b in self.believed.items() if g == group and kind in (None, k)) / max(told, 1)

    def table(self) -> str:
        """Return one line per kind: told and believed."""
        return "\n".join(
            f"{group:10}{kind:40}{told:7}{len(self.believed[group, kind]):5}"
            for (group, kind), told in self.told.items()
        )


def tried(seeds: Any) -> Trial:
    trial = Trial()
    for answer, page in pages():
        truth = ground(answer, page).evidence
        count = len(answer.productions)
        texts = [block.text for block in page.blocks.blocks if block.kind != "json"]
        for seed in seeds:
            chance = random.Random(f"{seed} {page.blocks.url} {answer.productions[:1]}")
            groups = {"invented": INVENTED, "reused": REUSED, "any words": any_words(texts, answer, chance)}
            for group, kinds in groups.items():
                for lie in lying_answers(answer, kinds, chance):
                    evidence = ground(lie.answer, page).evidence
                    for pointer in lie.pointers:
                        trial.told[group, lie.kind] += 1
                        if reaches_core(pointer, evidence[pointer], count):
                            trial.believed[group, lie.kind].append((pointer, evidence[pointer]))
                    for pointer, found in truth.items():
                        is_beside = not pointer.startswith(lie.partners) and pointer in evidence
                        if is_beside and reaches_core(pointer, found, count):
                            is_kept = reaches_core(pointer, evidence[pointer], count)
                            trial.kept += is_kept
                            trial.lost[lie.kind] += not is_kept
    return trial


@ROUNDS
def test_no_invention_is_believed_and_hardly_a_word_that_the_page_prints_of_something_else(seeds: Any) -> None:
    trial = tried(seeds)
    print(trial.table())  # noqa: T201

    told, true_values = sum(trial.told.values()), trial.kept + sum(trial.lost.values())
    assert (told >= 5_000, true_values >= 10_000) == (True, True)
    assert len(trial.told) >= 40
    assert {kind: b for (group, kind), b in trial.believed.items() if group == "invented" and b} == {}
    assert trial.share("reused") <= 0.03
    assert trial.share("any words") <= 0.05
    weak = {k: trial.share(g, k) for (g, k), n in trial.told.items() if n >= 50 and trial.share(g, k) > 0.1}
    assert weak == {}
    assert trial.kept / true_values >= 0.995, trial.lost.most_common(5)


def test_true_values_are_kept_on_every_kind_of_page() -> None:
    kept = lost = 0
    for answer, page in pages():
        for pointer, found in ground(answer, page).evidence.items():
            is_kept = reaches_core(pointer, found, len(answer.productions))
            kept, lost = kept + is_kept, lost + (not is_kept)

    assert kept >= 4_000
    assert kept / (kept + lost) >= 0.99


@pytest.mark.parametrize("path", sample_pages(), ids=lambda path: "/".join(path.parts[-3:]))
def test_true_answers_are_kept(path: Any) -> None:
    answer, page = sample(path)

    grounding = ground(answer, page)

    absent = [pointer for pointer, found in grounding.evidence.items() if found["status"] == "absent"]
    assert absent == []
    assert grounding.is_validated
    assert grounding.confidence_score > 0
