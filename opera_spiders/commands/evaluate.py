"""``scripts/evaluate_extraction``: how right an extractor is, on pages with answers."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from opera_spiders.commands import run_command
from opera_spiders.errors import OperaError

if TYPE_CHECKING:
    from rich.table import Table

    from opera_spiders.extraction.evaluate import Report, Score


def main(argv: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    arguments = _parser().parse_args(argv)
    return run_command(lambda: _run(arguments))


def _run(arguments: argparse.Namespace) -> int:
    report = asyncio.run(_evaluated(arguments))
    if arguments.json:
        text = json.dumps(report.as_json(), ensure_ascii=False, indent=1) + "\n"
        try:
            arguments.json.write_text(text, encoding="utf-8")
        except OSError as error:
            raise OperaError(f"Cannot write {arguments.json}: {error.strerror}. Name another file.") from None
    _show(report, confusions=arguments.confusions)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/evaluate_extraction",
        description="Read pages that have an answer beside them (<page>.gold.json or <page>.expected.json) and print "
        "precision, recall and F1 per field, language and page. Only grounded values count as read.",
    )
    parser.add_argument("directory", type=Path, metavar="DIR", help="directory with pages and answers, searched deeply")
    parser.add_argument(
        "--model", metavar="MODEL", help="'rules', or a model as provider:name (default: OPERA_LLM_MODEL, else rules)"
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write fields.<name>.{precision,recall,f1,support} here"
    )
    parser.add_argument(
        "--fetched-at", type=_day, metavar="DATE", help="day the pages were fetched, where their names do not say"
    )
    parser.add_argument(
        "--confusions", type=int, default=40, metavar="N", help="how many wrong values to print (default 40, -1 all)"
    )
    return parser


def _day(text: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(f"{text}T12:00:00+00:00")
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date (YYYY-MM-DD)") from None


async def _evaluated(arguments: argparse.Namespace) -> Report:
    # The extractors import their clients, which --help need not wait for.
    from opera_spiders.config import Config
    from opera_spiders.extraction.evaluate import evaluate
    from opera_spiders.extraction.extractors import make_extractor

    changes = {} if arguments.model is None else {"OPERA_LLM_MODEL": arguments.model}
    if arguments.model == "rules":
        changes = {"OPERA_LLM_MODEL": None}
    config = Config.from_settings(changes)
    if arguments.model == "rules":
        config = config.model_copy(update={"opera_llm_model": None})
    extractor = make_extractor(config)
    try:
        return await evaluate(arguments.directory, extractor, fetched_at=arguments.fetched_at)
    finally:
        await extractor.aclose()


def _show(report: Report, *, confusions: int) -> None:
    from rich.console import Console

    from opera_spiders.extraction.evaluate import Score

    console = Console()
    console.print(_table(f"{report.llm_model}: {len(report.pages)} pages", "field", report.fields))
    for title, groups in (("By language", report.languages), ("By page", report.pages)):
        totals: dict[str, Score] = {}
        for name, scores in sorted(groups.items()):
            totals[name] = Score()
            for score in scores.values():
                totals[name].add(score)
        console.print(_table(title, title.split()[-1], totals))
    shown = report.confusions if confusions < 0 else report.confusions[:confusions]
    for confusion in shown:
        console.print(
            f"{confusion.kind:8} {confusion.field:18} {confusion.page} · {confusion.production}: {confusion.value}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    if len(shown) < len(report.confusions):
        console.print(f"… and {len(report.confusions) - len(shown)} more wrong values (--confusions -1 prints all).")
    for page, error in report.errors.items():
        console.print(f"no answer for {page}: {error}", markup=False, highlight=False)
    if report.orphans:
        console.print(f"{len(report.orphans)} answers without their page: {', '.join(report.orphans)}", markup=False)
    if report.tokens_input:
        cost = "unknown price" if report.cost_usd is None else f"{report.cost_usd} USD"
        console.print(f"{report.tokens_input} tokens in, {report.tokens_output} out, {cost}")


def _table(title: str, first: str, scores: dict[str, Score]) -> Table:
    from rich.table import Table

    from opera_spiders.extraction.evaluate import rows_of

    table = Table(title=title)
    table.add_column(first, overflow="fold")
    for name in ("precision", "recall", "F1", "support", "invented", "missing"):
        table.add_column(name, justify="right", no_wrap=True)
    for name, score in rows_of(scores):
        table.add_row(
            name,
            f"{score.precision:.3f}",
            f"{score.recall:.3f}",
            f"{score.f1:.3f}",
            str(score.support),
            str(score.invented),
            str(score.missing),
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
