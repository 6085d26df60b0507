"""``scripts/review``: the values that somebody should look at, beside the page, and what was decided about them."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import json
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opera_spiders.commands import run_command, whole_number
from opera_spiders.commands.extract_pending import blocks_of
from opera_spiders.errors import UNREADABLE, BadInputError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from opera_spiders.bounded import BoundedProcesses
    from opera_spiders.extraction.blocks import PageBlocks
    from opera_spiders.extraction.review import Decision, StatedValue, Verdict
    from opera_spiders.warehouse.reviews import ReadPage

_VERDICTS: Mapping[str, Verdict] = {"accept": "confirmed", "correct": "corrected", "reject": "rejected"}
_WORDS = {verdict: word for word, verdict in _VERDICTS.items()}
_LINES_AROUND = 2  # of the page, before and after the block that is quoted
_LINE_CHARACTERS = 240


def main(argv: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    arguments = _parser().parse_args(argv)
    return run_command(lambda: asyncio.run(arguments.run(arguments)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/review",
        description="List values read from pages that a person should look at, with the page's text beside them, and "
        "decide about them. A decision is about one value of one page, named by field and printed value; it wins over "
        "any extractor, now and later. The next scripts/run_dbt brings it to core and marts.",
    )
    commands = parser.add_subparsers(required=True, metavar="list|decide|decisions|withdraw")

    listing = commands.add_parser("list", help="print values that are ungrounded, invalid, disputed or uncertain")
    listing.add_argument("--domain", action="append", default=[], help="only pages of this company (repeatable)")
    listing.add_argument("--url", help="only this page")
    listing.add_argument(
        "--below",
        type=_score,
        default=Decimal("0.50"),
        metavar="SCORE",
        help="also every inferred value of pages whose confidence is lower (0 to 1, default 0.5)",
    )
    listing.add_argument("--limit", type=whole_number, default=20, metavar="N", help="at most N pages (default 20)")
    listing.add_argument("--json", action="store_true", help="print JSON, which decide --file reads back")
    listing.set_defaults(run=_list)

    decide = commands.add_parser(
        "decide",
        help="decide about one value, or about those of a file",
        description="Decide about one value: scripts/review decide URL FIELD PRINTED accept|reject, or correct --value "
        "RIGHT. PRINTED is '' where the page states a value that was not read. --file reads the JSON of list --json, "
        'in which values were given a "decision" (and "value", "note").',
    )
    decide.add_argument("url", nargs="?", metavar="URL")
    decide.add_argument("field", nargs="?", metavar="FIELD", help="as list prints it")
    decide.add_argument("printed", nargs="?", metavar="PRINTED", help="the value as list prints it")
    decide.add_argument("decision", nargs="?", metavar="accept|correct|reject")
    decide.add_argument("--value", help="the right value, of a correction")
    decide.add_argument("--note", help="why")
    decide.add_argument("--file", metavar="FILE", help="decisions as JSON; - reads standard input")
    decide.add_argument("--by", default=None, metavar="NAME", help="who decides (default: your user name)")
    decide.set_defaults(run=_decide)

    made = commands.add_parser("decisions", help="print what was decided")
    made.add_argument("--url", help="only about this page")
    made.add_argument("--json", action="store_true", help="print JSON")
    made.set_defaults(run=_decisions)

    withdraw = commands.add_parser("withdraw", help="forget a decision; what the extractor read counts again")
    withdraw.add_argument("url", metavar="URL")
    withdraw.add_argument("field", metavar="FIELD")
    withdraw.add_argument("printed", metavar="PRINTED")
    withdraw.set_defaults(run=_withdraw)
    return parser


def _score(text: str) -> Decimal:
    try:
        score = Decimal(text)
    except InvalidOperation:
        score = Decimal(-1)
    if not 0 <= score <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")
    return score


@asynccontextmanager
async def _database() -> AsyncIterator[AsyncEngine]:
    """Open the database as its owner: the crawl's role may not decide.

    :raises BadInputError: there is none
    :raises DatabaseError: it cannot be used
    """
    from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

    from opera_spiders.config import Config
    from opera_spiders.warehouse.server import is_lost, open_server, unreachable

    config = Config.from_environment()
    if config.opera_database == "off":
        raise BadInputError("review works on the database, and OPERA_DATABASE is off. Set it to on.")
    server = open_server(config)
    engine = server.async_engine(role=None)
    try:
        yield engine
    except DBAPIError as error:
        if isinstance(error, (OperationalError, InterfaceError)) or is_lost(error):
            raise unreachable(server, error) from error
        raise
    finally:
        await engine.dispose()


async def _list(arguments: argparse.Namespace) -> int:
    from opera_spiders.bounded import BoundedProcesses
    from opera_spiders.companies import company_of
    from opera_spiders.warehouse import reviews

    domains = set(map(str.lower, arguments.domain))
    for company in filter(None, map(company_of, arguments.domain)):
        domains.update(company.domains)
    shown: list[dict[str, Any]] = []
    processes = BoundedProcesses()
    try:
        async with _database() as engine, engine.connect() as connection:
            is_decided = await _decided_questions(connection)
            below = arguments.below
            read = reviews.read_pages(
                connection, company_domains=sorted(domains), url=arguments.url, doubtful_below=below
            )
            async for page in read:
                doubts = [doubt for doubt in doubts_about(page, below) if not is_decided(page.url, doubt.value)]
                if doubts:
                    shown.append(_as_json(page, doubts, await _blocks(processes, page)))
                if len(shown) == arguments.limit:
                    break
            if not shown and (domains or arguments.url):
                await _check_is_read(connection, sorted(domains), arguments.url)
    finally:
        processes.close()
    if arguments.json:
        print(json.dumps(shown, ensure_ascii=False, indent=1))
    else:
        _show(shown, is_all=len(shown) < arguments.limit)
    return 0


async def _check_is_read(connection: AsyncConnection, domains: list[str], url: str | None) -> None:
    """Do nothing when there is a page of these, so that "nothing" means that nothing is doubtful.

    :raises BadInputError: there is none
    """
    from opera_spiders.warehouse import reviews

    async for _ in reviews.read_pages(connection, company_domains=domains, url=url):
        return
    raise BadInputError(
        f"No page of {url or ', '.join(domains)} has been extracted. Check the spelling, "
        "or run scripts/extract_pending."
    )


@dataclass(frozen=True, slots=True)
class Doubt:
    """A value that a person should look at, and why."""

    value: StatedValue
    status: str
    quote: str
    block: str | None
    reasons: tuple[str, ...]


def doubts_about(page: ReadPage, below: Decimal) -> Iterator[Doubt]:
    """Yield the values of an answer that are ungrounded, invalid or disputed; of an uncertain one the inferred too."""
    from opera_spiders.extraction.review import stated_values

    extraction = page.extraction
    is_uncertain = extraction.confidence_score is None or extraction.confidence_score < below
    for value in stated_values(extraction.raw_response or {}):
        found = extraction.evidence.get(value.pointer)
        if found is None:
            continue
        reasons = [
            error["error"]
            for error in extraction.validation_errors
            if f"{value.pointer}/".startswith(f"{error['pointer']}/")
        ]
        if value.pointer in ("/page_type", "/language"):
            pass  # of these only what is wrong with the page is a doubt
        elif found["status"] == "absent":
            reasons.append("the page does not state it")
        elif found["status"] == "elsewhere":
            reasons.append("the page states it, but not about this production")
        elif found["status"] == "inferred" and is_uncertain and not value.pointer.endswith("/year_inferred"):
            reasons.append("it follows from the page's words, and little of this page is certain")
        if found.get("disagreement"):
            reasons.append(found["disagreement"])
        if reasons:
            block = found["block"] or _holder(extraction.raw_response, value.pointer).get("block")
            yield Doubt(value, found["status"], found["quote"], block, tuple(reasons))


def _holder(answer: Any, pointer: str) -> dict[str, Any]:
    """Return the innermost object with a block around a value."""
    holder: dict[str, Any] = {}
    for part in pointer.strip("/").split("/"):
        answer = answer[int(part)] if isinstance(answer, list) else answer[part]
        if isinstance(answer, dict) and "block" in answer:
            holder = answer
    return holder


async def _decided_questions(connection: AsyncConnection) -> Callable[[str, StatedValue], bool]:
    """Return what tells whether a value of a page was decided about."""
    from opera_spiders.extraction.review import folded_question
    from opera_spiders.warehouse import reviews

    decided = set()
    for url, decision, *_ in await reviews.decisions(connection):
        for value in (decision.printed_value, decision.decided_value):
            if value is not None:
                decided.add((url, *folded_question(decision.field, value)))
    return lambda url, value: (url, *folded_question(value.field, value.printed)) in decided


async def _blocks(processes: BoundedProcesses, page: ReadPage) -> PageBlocks | None:
    """Return the blocks of a page; None when its content is not kept or cannot be read."""
    if page.html_content is None and page.body is None:
        return None
    try:
        return await blocks_of(page, processes)
    except UNREADABLE:
        return None


def _as_json(page: ReadPage, doubts: list[Doubt], blocks: PageBlocks | None) -> dict[str, Any]:
    score = page.extraction.confidence_score
    return {
        "url": page.url,
        "company_domain": page.company_domain,
        "scraped_at": page.scraped_at.isoformat(),
        "llm_model": page.extraction.llm_model,
        "confidence_score": None if score is None else float(score),
        "values": [
            {
                "field": doubt.value.field,
                "printed_value": doubt.value.printed,
                "status": doubt.status,
                "reasons": list(doubt.reasons),
                "quote": doubt.quote,
                "block": doubt.block,
                "page_text": _lines_around(blocks, doubt.block),
            }
            for doubt in doubts
        ],
    }


def _lines_around(blocks: PageBlocks | None, block_id: str | None) -> list[str]:
    """Return the block with those before and after it, as prompts and scripts/explain show them."""
    from opera_spiders.extraction.blocks import block_line

    shown = [] if blocks is None else list(blocks.blocks)
    at = next((number for number, block in enumerate(shown) if block.id == block_id), None)
    if at is None:
        return []
    lines = map(block_line, shown[max(0, at - _LINES_AROUND) : at + _LINES_AROUND + 1])
    return [line if len(line) <= _LINE_CHARACTERS else line[: _LINE_CHARACTERS - 1] + "…" for line in lines]


def _show(pages: list[dict[str, Any]], *, is_all: bool) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    for page in pages:
        console.print(Text(f"{page['url']}  ({page['llm_model']}, confidence {page['confidence_score']})", "bold"))
        for value in page["values"]:
            console.print(Text.assemble("  ", (f"{value['field']} = {value['printed_value']}", "cyan")))
            console.print(Text(f"    {value['status']}: {'; '.join(value['reasons'])}", "yellow"))
            for line in value["page_text"]:
                is_quoted = line.startswith(f"{value['block']} | ")
                console.print(Text(f"    {'>' if is_quoted else ' '} {line}", "" if is_quoted else "dim"))
    count = sum(len(page["values"]) for page in pages)
    if not pages:
        console.print("Nothing to look at.")
        return
    more = "" if is_all else " There may be more (--limit)."
    console.print(
        f"{count} values of {len(pages)} pages.{more} Decide: scripts/review decide URL FIELD PRINTED "
        "accept|reject|correct --value RIGHT"
    )


async def _decide(arguments: argparse.Namespace) -> int:
    from opera_spiders.warehouse import reviews

    wanted = _decisions_of_file(arguments.file) if arguments.file else [_decision_of_arguments(arguments)]
    reviewer = arguments.by or getpass.getuser()
    async with _database() as engine, engine.begin() as connection:
        for url, decision, note in wanted:
            known = await _known_value(connection, url, decision)
            await reviews.decide(connection, url, known, reviewer, note)
        versions = [await reviews.apply(connection, url) for url in dict.fromkeys(url for url, *_ in wanted)]
    print(
        f"{_counted(len(wanted), 'decision')} kept, applied to {_counted(sum(versions), 'page version')}. "
        "scripts/run_dbt brings it to core and marts."
    )
    return 0


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


Wanted = tuple[str, "Decision", str | None]


def _decision_of_arguments(arguments: argparse.Namespace) -> Wanted:
    if None in (arguments.url, arguments.field, arguments.printed, arguments.decision):
        raise BadInputError("decide takes URL FIELD PRINTED accept|correct|reject, or --file FILE. --help says more.")
    return (
        arguments.url,
        _decision(arguments.field, arguments.printed, arguments.decision, arguments.value),
        arguments.note,
    )


def _decisions_of_file(name: str) -> list[Wanted]:
    """Return the decisions in JSON as ``list --json`` prints it.

    :raises BadInputError: it cannot be read, or holds none
    """
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        wanted = [
            (
                page["url"],
                _decision(value["field"], value["printed_value"], value["decision"], value.get("value")),
                note,
            )
            for page in json.loads(text)
            for value in page["values"]
            if value.get("decision") is not None
            for note in [value.get("note")]
        ]
    except OSError as error:
        raise BadInputError(f"Cannot read {name}: {error.strerror}. Name a file that list --json printed.") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInputError(
            f"{name} is not what list --json prints ({type(error).__name__}: {error}). "
            'Add "decision" (and "value") to its values, and nothing else.'
        ) from None
    if not wanted:
        raise BadInputError(f'{name} holds no decision. Add "decision": "accept", "correct" or "reject" to its values.')
    return wanted


def _decision(field: str, printed: str, verdict: str, value: str | None) -> Decision:
    """Return what was decided.

    :raises BadInputError: it is no decision
    """
    from opera_spiders.extraction.review import Decision

    if verdict not in _VERDICTS:
        raise BadInputError(f"{verdict!r} is no decision. Say accept, correct or reject.")
    if (verdict == "correct") != (value is not None):
        needs = "needs --value with the right one" if verdict == "correct" else "takes no --value"
        raise BadInputError(f"{verdict} {needs} ({field}).")
    if not printed and verdict != "correct":
        raise BadInputError(f"{field}: there is nothing to {verdict} where no value was read. Say correct --value …")
    return Decision(field, printed, _VERDICTS[verdict], value)


async def _known_value(connection: AsyncConnection, url: str, decision: Decision) -> Decision:
    """Return the decision with field and value spelled as they were read.

    :raises BadInputError: the page, the field or the value is not there, or the right value fits no such field
    """
    from opera_spiders.extraction.review import folded_question, stated_values
    from opera_spiders.warehouse import reviews

    question = folded_question(decision.field, decision.printed_value)
    answers = [page.extraction.raw_response or {} async for page in reviews.read_pages(connection, url=url)]
    if not answers:
        raise BadInputError(f"No page at {url} has been extracted. Give the address as scripts/review list prints it.")
    values = [(value, answer) for answer in answers for value in stated_values(answer)]
    made = (each.decision for each in await reviews.decisions(connection, url))
    earlier = next((each for each in made if folded_question(each.field, each.printed_value) == question), None)
    if earlier is not None and earlier.decided_value is not None:  # the answer holds the right value by now
        question = folded_question(decision.field, earlier.decided_value)
    for value, answer in values:
        if folded_question(value.field, value.printed) == question:
            _check(answer, value, decision)
            field, printed = (value.field, value.printed) if earlier is None else (earlier.field, earlier.printed_value)
            return replace(decision, field=field, printed_value=printed)
    fields = {value.field.casefold(): value.field for value, _ in values}
    if decision.field.casefold() not in fields:
        near = get_close_matches(decision.field.casefold(), fields, 1, 0.4)
        hint = f"The nearest is {fields[near[0]]}." if near else "scripts/review list names them."
        raise BadInputError(f"{url} has no field {decision.field}. {hint}")
    held = {repr(value.printed): None for value, _ in values if value.field.casefold() == decision.field.casefold()}
    raise BadInputError(
        f"{decision.field} at {url} is {' or '.join([*held][:5])}, not {decision.printed_value!r}. "
        "Decide about the value that was read."
    )


def _check(answer: dict[str, Any], value: StatedValue, decision: Decision) -> None:
    """Do nothing when the right value fits its field.

    :raises BadInputError: it does not
    """
    from opera_spiders.extraction.review import with_value

    if decision.decided_value is None:
        return
    try:
        with_value(answer, value.pointer, decision.decided_value)
    except ValueError as error:
        raise BadInputError(f"{decision.field} cannot be {decision.decided_value!r}: {error}.") from None


async def _decisions(arguments: argparse.Namespace) -> int:
    from opera_spiders.warehouse import reviews

    async with _database() as engine, engine.connect() as connection:
        made = await reviews.decisions(connection, arguments.url)
    if arguments.json:
        listed = [
            {
                "url": each.url,
                "field": each.decision.field,
                "printed_value": each.decision.printed_value,
                "decision": _WORDS[each.decision.verdict],
                "value": each.decision.decided_value,
                "reviewer": each.reviewer,
                "note": each.note,
                "decided_at": each.decided_at.isoformat(),
            }
            for each in made
        ]
        print(json.dumps(listed, ensure_ascii=False, indent=1))
        return 0
    for each in made:
        right = "" if each.decision.decided_value is None else f" -> {each.decision.decided_value!r}"
        word = _WORDS[each.decision.verdict]
        print(f"{each.decided_at:%Y-%m-%d} {each.reviewer}: {word} {each.url} {each.decision.field}")
        print(f"    {each.decision.printed_value!r}{right}{f' ({each.note})' if each.note else ''}")
    print(f"{_counted(len(made), 'decision')}.")
    return 0


async def _withdraw(arguments: argparse.Namespace) -> int:
    from opera_spiders.warehouse import reviews

    async with _database() as engine, engine.begin() as connection:
        if not await reviews.withdraw(connection, arguments.url, arguments.field, arguments.printed):
            raise BadInputError(
                f"Nothing was decided about {arguments.field} = {arguments.printed!r} at {arguments.url}. "
                "scripts/review decisions prints what was."
            )
        await reviews.apply(connection, arguments.url)
    print("Withdrawn. scripts/run_dbt brings it to core and marts.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
