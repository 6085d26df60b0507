"""``scripts/decisions``: say of two names whether they are one person's or one work's."""

from __future__ import annotations

import argparse
import csv
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from opera_spiders.commands import run_command, whole_number
from opera_spiders.errors import BadInputError, OperaError

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: The columns of dbt's seed ``resolution_decisions``.
COLUMNS = ("entity", "left_key", "right_key", "decision", "reason", "decided_on")


def main(argv: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    arguments = _parser().parse_args(argv)
    return run_command(lambda: _run(arguments))


def _run(arguments: argparse.Namespace) -> int:
    from opera_spiders.config import Config
    from opera_spiders.warehouse.server import open_server

    with open_server(Config.from_environment()).engine().begin() as connection:
        return int(arguments.run(connection, arguments))


def _candidates(connection: Connection, arguments: argparse.Namespace) -> int:
    from sqlalchemy.exc import ProgrammingError

    from opera_spiders.warehouse.decisions import open_candidates

    try:
        found = open_candidates(connection, arguments.entity, arguments.limit)
    except ProgrammingError as error:
        raise BadInputError("The warehouse has no list of candidates yet: build it with scripts/run_dbt.") from error
    for candidate in found:
        print(
            f"{candidate.score:.2f}  {candidate.entity:11}  {candidate.left_key}  |  {candidate.right_key}  "
            f"({candidate.reason})"
        )
    if not found:
        print("The last build left no pair open.")
    return 0


def _decide(connection: Connection, arguments: argparse.Namespace) -> int:
    from opera_spiders.warehouse.decisions import decide

    names = _names(arguments)
    decide(connection, arguments.entity, names, arguments.decision, arguments.reason)
    print(f"{arguments.entity}: {names[0]} and {names[1]} are {arguments.decision}. The next scripts/run_dbt obeys.")
    return 0


def _forget(connection: Connection, arguments: argparse.Namespace) -> int:
    from opera_spiders.warehouse.decisions import forget

    names = _names(arguments)
    if not forget(connection, arguments.entity, names):
        raise BadInputError(
            f"Nothing was decided about {names[0]} and {names[1]} ({arguments.entity}). "
            "scripts/decisions export prints what was."
        )
    print(f"{arguments.entity}: {names[0]} and {names[1]} are undecided again.")
    return 0


def _names(arguments: argparse.Namespace) -> tuple[str, str]:
    names = (" ".join(arguments.left.split()), " ".join(arguments.right.split()))
    if not all(names) or names[0] == names[1]:
        raise BadInputError("A decision is about two different names. scripts/decisions candidates prints some.")
    return names


def _export(connection: Connection, arguments: argparse.Namespace) -> int:
    from opera_spiders.warehouse.decisions import stored_decisions

    stored = stored_decisions(connection)
    with _opened(arguments.file) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(
            (d.entity, d.left_key, d.right_key, d.decision, d.reason or "", d.decided_at.date().isoformat())
            for d in stored
        )
    return 0


def _opened(file: Path | None) -> nullcontext[TextIO] | TextIO:
    if file is None:
        return nullcontext(sys.stdout)
    try:
        return file.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise OperaError(f"Cannot write {file}: {error.strerror}. Name another file.") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/decisions",
        description="Say of two names whether they are one person's (performers) or one work's (opera_works). Builds "
        "obey: a decision goes before any score, and stays until it is forgotten.",
    )
    commands = parser.add_subparsers(required=True, metavar="candidates|same|different|forget|export")
    candidates = commands.add_parser("candidates", help="print what the last build left open, the likeliest first")
    candidates.add_argument("--entity", choices=_ENTITIES)
    candidates.add_argument(
        "--limit", type=whole_number, default=50, help="print at most this many (default: %(default)s)"
    )
    candidates.set_defaults(run=_candidates)
    for decision in ("same", "different"):
        one = commands.add_parser(decision, help=f"the two are {decision}")
        _add_names(one)
        one.add_argument("--reason", help="why, for whoever reads it later")
        one.set_defaults(run=_decide, decision=decision)
    forgetting = commands.add_parser("forget", help="leave it to the builds again")
    _add_names(forgetting)
    forgetting.set_defaults(run=_forget)
    export = commands.add_parser(
        "export", help="write all decisions as dbt's seed: dbt_opera/seeds/resolution_decisions.csv"
    )
    export.add_argument("file", type=Path, nargs="?", help="default: standard output")
    export.set_defaults(run=_export)
    return parser


def _add_names(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("entity", choices=_ENTITIES)
    parser.add_argument("left", help="a name as printed, or a key from the list of candidates")
    parser.add_argument("right", help="the other one")


_ENTITIES = ("performers", "opera_works")

if __name__ == "__main__":
    sys.exit(main())
