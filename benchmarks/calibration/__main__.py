"""Measures what ``confidence_score`` is worth: ``python -m benchmarks.calibration [DIR …] [--write]``.

Each page with an answer beside it gives answers whose truth is known: what the rules read, the right answer itself, and
the right answer with a share of lies (names, roles, dates, prices, titles) as a model would tell them, checked and
compared with the rules as a model's answer is. An answer is right if every value in it is. The risks are fitted by
maximum likelihood; each page is scored by risks that were fitted on other pages.
"""

from __future__ import annotations

import argparse
import math
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from opera_spiders.extraction import grounding
from opera_spiders.extraction.confidence import RISKS, risk_counts
from opera_spiders.extraction.evaluate import Example, Report, compare, find_examples, page_of
from opera_spiders.extraction.extractor import Extraction, PageToExtract
from opera_spiders.extraction.model_cross_check import beside_rules
from opera_spiders.extraction.rules import read_page
from opera_spiders.extraction.schema import PageExtraction
from sample_houses.answers import page_extraction
from tests.extraction.located import located
from tests.openai_server import Liar, Question

ROOT = Path(__file__).parents[2]
OURS = (ROOT / "tests" / "extraction" / "pages", ROOT / "sample_houses" / "pages")
DOCUMENT = ROOT / "docs" / "confidence.md"
SHARES_OF_LIES = (0.0, 0.01, 0.03, 0.1, 0.3)
SEEDS = 3
FOLDS = 5
# Of a page, not of its facts; how a value was read; how many there are; an address that a server fills in.
NOT_JUDGED = frozenset({"page_type", "page_language", "year_inferred", "entries", "ticket_url"})
ROUNDS, STEP = 400, 0.05


class Judged(NamedTuple):
    """One answer: who gave it to which page, how often each risk occurs in it, whether all of it is right."""

    extractor: str
    page: str
    counts: dict[str, int]
    is_right: bool
    weight: float = 1.0


def main(argv: Sequence[str] | None = None) -> int:
    """Measure; print or write the document."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calibration", description=__doc__.split("\n\n")[0])
    parser.add_argument("directories", nargs="*", type=Path, metavar="DIR", help="further pages with answers")
    parser.add_argument("--write", action="store_true", help=f"write {DOCUMENT.relative_to(ROOT)}")
    arguments = parser.parse_args(argv)
    judged = [each for directory in (*OURS, *arguments.directories) for each in _judged(directory)]
    # The rules' own answers are few, and the only ones that nobody made up: they weigh as much as all others.
    few = sum(each.extractor == "rules" for each in judged)
    judged = [each._replace(weight=(len(judged) - few) / few if each.extractor == "rules" else 1) for each in judged]
    document = _document(judged)
    if arguments.write:
        DOCUMENT.write_text(document, encoding="utf-8")
    print(document)
    return 0


def _judged(directory: Path) -> Iterator[Judged]:
    for example in find_examples(directory)[0]:
        page = page_of(example)
        if not page.blocks.blocks:
            continue  # a page that only a browser draws
        name = str(example.page.resolve())
        read = read_page(page)
        yield _judge("rules", name, example, grounding.checked(read, page, extraction_version="", llm_model="rules"))
        if example.is_gold:
            continue  # its answer has other fields than an extractor's
        right = located(page_extraction(example.answer, "b1"), page)
        for share in SHARES_OF_LIES:
            for seed in range(SEEDS if share else 1):
                answer = _with_lies(right, page, share, seed)
                checked = grounding.checked(answer, page, extraction_version="", llm_model="model")
                yield _judge(f"model, {share:.0%} lies", name, example, beside_rules(checked, page))


def _with_lies(right: PageExtraction, page: PageToExtract, share: float, seed: int) -> PageExtraction:
    text = "\n".join(block.text for block in page.blocks.blocks)
    fenced = f"===== page x =====\n{text}\n===== page x ====="
    question = Question({}, "", {}, "", fenced, is_repair=False, limit_tokens=0)
    return PageExtraction.model_validate(Liar(lambda _: right.model_dump(mode="json"), share, seed)(question))


def _judge(extractor: str, name: str, example: Example, extraction: Extraction) -> Judged:
    report = Report()
    compare(report, name, "", example, extraction.raw_response or {})
    wrong = [each for each in report.confusions if each.kind == "invented" and each.field not in NOT_JUDGED]
    return Judged(extractor, name, risk_counts(extraction.evidence), not wrong)


def fitted(judged: Sequence[Judged]) -> dict[str, float]:
    """Return the risks under which these answers are most likely: P(right) = exp(-sum of risks). Adam on logarithms."""
    names = list(RISKS)
    logs = dict.fromkeys(names, math.log(0.01))
    mean, square = dict.fromkeys(names, 0.0), dict.fromkeys(names, 0.0)
    for _ in range(ROUNDS):
        risks = {name: math.exp(value) for name, value in logs.items()}
        slope = dict.fromkeys(names, 0.0)
        for each in judged:
            total = sum(risks[name] * count for name, count in each.counts.items()) + 1e-6
            pull = each.weight * (1.0 if each.is_right else -1 / math.expm1(min(total, 50)))
            for name, count in each.counts.items():
                slope[name] += pull * risks[name] * count / len(judged)
        for name in names:
            mean[name] = 0.9 * mean[name] + 0.1 * slope[name]
            square[name] = 0.99 * square[name] + 0.01 * slope[name] ** 2
            logs[name] = max(logs[name] - STEP * mean[name] / (math.sqrt(square[name]) + 1e-8), math.log(1e-5))
    return {name: math.exp(value) for name, value in logs.items()}


def scored(judged: Sequence[Judged]) -> list[tuple[float, Judged]]:
    """Return each answer with its score by risks that were fitted without its page."""
    pages = sorted({each.page for each in judged})
    random.Random(1).shuffle(pages)
    result = []
    for fold in range(FOLDS):
        held_out = set(pages[fold::FOLDS])
        risks = fitted([each for each in judged if each.page not in held_out])
        result += [
            (math.exp(-sum(risks[name] * count for name, count in each.counts.items())), each)
            for each in judged
            if each.page in held_out
        ]
    return result


def _document(judged: Sequence[Judged]) -> str:
    risks = fitted(judged)
    lines = [
        "# What `confidence_score` says",
        "",
        "It is the chance that every value of an answer is right: `exp(-sum of risks)` of what its evidence shows, rounded",
        "(`opera_spiders/extraction/confidence.py`). Made by `python -m benchmarks.calibration --write`.",
        "",
        "| what the evidence shows | risk | fitted here | answers that show it | of them right |",
        "|---|---|---|---|---|",
    ]
    for name, risk in RISKS.items():
        having = [each for each in judged if each.counts.get(name)]
        share = sum(each.is_right for each in having) / len(having) if having else 0.0
        lines.append(f"| {name} | {risk:g} | {risks[name]:.2g} | {len(having)} | {share:.2f} |")
    kinds = sorted({each.extractor for each in judged}, key=lambda kind: [float(n) for n in re.findall(r"\d+", kind)])
    lines += ["", "## Reliability", "", "Each page is scored by risks that were fitted on other pages.", ""]
    lines += ["| score | answers | mean score | share right |", "|---|---|---|---|"]
    result = scored(judged)
    for low in range(10):
        inside = [(score, each) for score, each in result if low <= min(score, 0.999) * 10 < low + 1]
        if inside:
            mean = sum(score for score, _ in inside) / len(inside)
            right = sum(each.is_right for _, each in inside) / len(inside)
            lines.append(f"| {low / 10:.1f}-{(low + 1) / 10:.1f} | {len(inside)} | {mean:.2f} | {right:.2f} |")
    lines += ["", "| answers by | answers | mean score | share right |", "|---|---|---|---|"]
    for kind in kinds:
        inside = [(score, each) for score, each in result if each.extractor == kind]
        mean = sum(score for score, _ in inside) / len(inside)
        right = sum(each.is_right for _, each in inside) / len(inside)
        lines.append(f"| {kind} | {len(inside)} | {mean:.2f} | {right:.2f} |")
    pages = len({each.page for each in judged})
    real = len({each.page for each in judged if not Path(each.page).is_relative_to(ROOT)})
    lines += [
        "",
        f"{len(judged)} answers to {pages} pages with answers made by people: invented ones of this repository"
        + (f", and {real} real ones that are not in it" if real else "")
        + ". A right answer is one",
        "without a wrong value; what it leaves out does not count. The models are made up of right answers and lies, so the",
        "table says how well lies are recognised, and little about how often a model tells them. An answer without any",
        "value scores 0.5, which is not measured.",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
