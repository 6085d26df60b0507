"""``scripts/companies``: list, check and extend the registry of companies."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from opera_spiders.commands import run_command
from opera_spiders.companies import COLUMNS, REQUIRED, Company, company_of, problems, read_rows, write_rows
from opera_spiders.errors import BadInputError

REGISTRY = Path(__file__).parents[1] / "data" / "companies.csv"


def main(argv: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    arguments = _parser().parse_args(argv)
    return run_command(lambda: arguments.run(arguments))


def _list(arguments: argparse.Namespace) -> int:
    for row in _rows(arguments.file):
        if arguments.country in (None, row["country_code"]):
            print(f"{row['domain'] or '':36} {row['country_code'] or '':3} {row['name'] or ''}")
    return 0


def _check(arguments: argparse.Namespace) -> int:
    rows = _rows(arguments.file)
    faults = problems(rows)
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults:
        counted = "1 problem" if len(faults) == 1 else f"{len(faults)} problems"
        raise BadInputError(f"{arguments.file}: {counted}. Correct the file and check again.")
    print(f"{arguments.file}: {len(rows)} companies, no problem.")
    return 0


def _add(arguments: argparse.Namespace) -> int:
    rows = _rows(arguments.file)
    new = {column: (getattr(arguments, column) or "").strip() for column in COLUMNS}
    if arguments.file == REGISTRY and (known := _known(new)):
        raise BadInputError(
            f"{new['domain']} already selects {known.name} ({known.slug}). "
            f"Add other domains to that row of {arguments.file}."
        )
    # The file stays in its own order: the new row goes behind the last one of its country.
    same_country = [number for number, row in enumerate(rows) if row["country_code"] == new["country_code"]]
    rows.insert(same_country[-1] + 1 if same_country else len(rows), new)
    faults = problems(rows)
    if faults:
        raise BadInputError("\n  ".join([f"{new['domain']} was not added to {arguments.file}:", *faults]))
    arguments.file.write_text(write_rows(rows), encoding="utf-8", newline="")
    print(f"{new['name']} added to {arguments.file}. Crawl it: scrapy crawl opera -a domain={new['domain']}")
    return 0


def _known(row: dict[str, str]) -> Company | None:
    return company_of(row["domain"]) if row["domain"] else None


def _rows(file: Path) -> list[dict[str, str]]:
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            return read_rows(lines)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise BadInputError(f"{file} cannot be read: {reason}. Name a registry with --file.") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/companies", description="List, check and extend the registry of companies."
    )
    parser.add_argument("--file", type=Path, default=REGISTRY, help="the registry (default: %(default)s)")
    commands = parser.add_subparsers(required=True, metavar="list|check|add")
    listing = commands.add_parser("list", help="print domain, country and name of every company")
    listing.add_argument("--country", help="only this country (ISO 3166-1, such as DE)")
    listing.set_defaults(run=_list)
    check = commands.add_parser("check", help="check the registry strictly; exit status 2 if anything is wrong")
    check.set_defaults(run=_check)
    add = commands.add_parser("add", help="check one company and add it")
    required = add.add_argument_group("required")
    for column in COLUMNS:
        is_required = column in REQUIRED and column not in _DEFAULTS
        (required if is_required else add).add_argument(
            f"--{column.replace('_', '-')}",
            dest=column,
            required=is_required,
            default=_DEFAULTS.get(column),
            help=_HELP.get(column),
        )
    add.set_defaults(run=_add)
    return parser


_DEFAULTS = {"tier": "regional", "company_type": "resident", "source": "added by hand"}
_HELP = {
    "slug": "key: a-z, 0-9 and hyphens",
    "name": "English or usual name",
    "native_name": "name in the house's own language",
    "city": "English name of the city",
    "country_code": "ISO 3166-1 code, such as DE",
    "domain": "bare host name, without www.",
    "other_domains": "further domains that select the company, separated by ;",
    "start_url": "where its crawl begins, when not at the site's root",
    "tier": "tier-1, tier-2, regional or festival (default: regional)",
    "timezone": "IANA name, such as Europe/Berlin",
    "currency": "ISO 4217 code, such as EUR",
    "company_type": "resident, festival or touring (default: resident)",
    "page_language": "ISO 639-1 code of the language to read where the site offers several",
    "licence_note": "a permission that stands above the rights its pages reserve",
    "archive_policy": "all: past seasons too; never: not even when asked for",
}

if __name__ == "__main__":
    sys.exit(main())
