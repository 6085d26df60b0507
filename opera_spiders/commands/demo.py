"""``scripts/demo``: the whole way from five sample houses on this machine to printed marts."""

from __future__ import annotations

import argparse
import os
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from opera_spiders.commands import INTERRUPTED, run_command
from opera_spiders.errors import OperaError

MARTS = {
    "mart_production_summary": (
        "company_name", "opera_title", "composer", "conductor", "premiere_date", "actual_performances",
        "ticket_price_max", "ticket_price_currency",
    ),
    "mart_performer_career": (
        "name", "voice_type", "total_productions", "total_performances", "companies_performed_at", "unique_roles",
    ),
    "mart_repertoire_trends": (
        "title", "composer", "season_year", "productions_count", "companies_count", "performances_count",
    ),
}  # fmt: skip
ORDER = {
    "mart_production_summary": 'company_name collate "C", premiere_date, opera_title collate "C", production_id',
    "mart_performer_career": 'total_performances desc, name collate "C", performer_id',
    "mart_repertoire_trends": 'productions_count desc, title collate "C", season_year, opera_work_id',
}
ROWS_SHOWN = 8
NEXT_STEPS = """\
Done in {seconds:.0f} s. These houses and their artists are invented; the works and composers are real. What next:
  scripts/db psql                        ask the warehouse yourself
  scripts/db url --role opera_reader     an address for Tableau
  scripts/run_pipeline roh.org.uk -a max_pages=50
                                         crawl a real house and rebuild the marts (set OPERA_CONTACT first)
  scripts/db reset                       forget the sample data"""


def print_marts(csv_directory: Path) -> None:
    """Print the head of each mart and write all of it as CSV, as ``opera_reader`` sees it."""
    import psycopg
    from psycopg import sql
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    from opera_spiders.config import Config
    from opera_spiders.warehouse.server import open_server

    console = Console(width=None if sys.stdout.isatty() else 110)
    csv_directory.mkdir(parents=True, exist_ok=True)
    server = open_server(Config.from_settings({}))
    with server.engine("opera_reader").connect() as connection:
        cursor: psycopg.Cursor[tuple[Any, ...]] = connection.connection.cursor()  # type: ignore[assignment]
        for mart, columns in MARTS.items():
            names = sql.SQL(", ").join(map(sql.Identifier, columns))
            source = sql.SQL("from marts.{} order by {}").format(sql.Identifier(mart), sql.SQL(ORDER[mart]))
            rows = cursor.execute(sql.SQL("select {} {}").format(names, source)).fetchall()
            table = Table(title=f"marts.{mart}: {len(rows)} rows", title_justify="left", title_style="bold", box=SIMPLE)
            for position, column in enumerate(columns):
                is_text = any(isinstance(row[position], str) for row in rows)
                table.add_column(column.replace("_", "\n"), no_wrap=not is_text, justify="left" if is_text else "right")
            for row in rows[:ROWS_SHOWN]:
                table.add_row(*("" if value is None else str(value) for value in row))
            console.print(table)
            file = csv_directory / f"{mart}.csv"
            copy_command = sql.SQL("copy (select * {}) to stdout with csv header").format(source)
            with file.open("wb") as output, cursor.copy(copy_command) as copy:
                for data in copy:
                    output.write(data)
            more = f"… and {len(rows) - ROWS_SHOWN} more rows, all in" if len(rows) > ROWS_SHOWN else "also in"
            console.print(f"{more} {file}\n")


def demo(base_port: int) -> int:
    """Serve, crawl, build, print; return the exit status.

    :raises OperaError: a port of the sample houses is taken
    """
    from opera_spiders.commands import install_browser, run_pipeline
    from opera_spiders.config import Config
    from opera_spiders.warehouse.server import open_server
    from sample_houses.server import SampleHouses

    started = time.monotonic()
    os.environ.setdefault("OPERA_ALLOWED_NETWORKS", "127.0.0.1/32")
    config = Config.from_settings({})
    print(f"Database: {open_server(config, may_create=True).place}", flush=True)
    has_browser = install_browser.ensure_browser() is not None
    with ExitStack() as running:
        try:
            server = running.enter_context(SampleHouses(base_port))
        except OSError as error:
            raise OperaError(
                f"The sample houses need five ports of 127.0.0.1 from {base_port} on: {error.strerror}. "
                "Give --base-port, or wait if another demo is running."
            ) from None
        houses = [house for house in server.houses if has_browser or not house.needs_browser]
        for house in server.houses:
            left_out = "" if house in houses else f": left out. {install_browser.ADVICE}"
            print(f"  {house.url:<24} {house.name}{left_out}")
        status = run_pipeline.main([*(house.domain for house in houses), "--jobs", str(len(houses))])
    if status == INTERRUPTED:
        return status
    if status:
        print("The demo did not finish: the lines above say which step failed and where its log is.", file=sys.stderr)
        return status
    print_marts(config.opera_home_path() / "demo")
    print(NEXT_STEPS.format(seconds=time.monotonic() - started))
    return 0


def main(argv: list[str] | None = None) -> int:
    """Run the demo."""
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description="Serve the sample houses on this machine, crawl them, build the warehouse and print its marts.",
        epilog="Needs no key and no database; with DATABASE_URL set, that server is used, and its tables are "
        "made where there are none. Run it again at will.",
    )
    parser.add_argument(
        "--base-port",
        type=int,
        default=8711,
        metavar="N",
        help="port of the first house, the others follow (default %(default)s)",
    )
    arguments = parser.parse_args(argv)
    if not 0 < arguments.base_port <= 65_531:
        parser.error(f"--base-port is {arguments.base_port}: give a port from 1 to 65531")
    return run_command(lambda: demo(arguments.base_port))


if __name__ == "__main__":
    sys.exit(main())
