"""``scripts/demo``: the whole way from five sample houses on this machine to printed marts."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from opera_spiders.commands import run_command

MARTS = {
    "mart_production_summary": (
        "company_name", "opera_title", "composer", "season_name", "conductor", "premiere_date", "total_performances",
        "ticket_price_min", "ticket_price_max", "ticket_price_currency",
    ),
    "mart_performer_career": (
        "name", "voice_type", "total_productions", "total_performances", "companies_performed_at", "unique_roles",
    ),
    "mart_repertoire_trends": ("title", "composer", "season_year", "productions_count", "companies_count", "performances_count"),
}  # fmt: skip
ORDER = {
    "mart_production_summary": "company_name, premiere_date, opera_title, production_id",
    "mart_performer_career": "total_performances desc, name, performer_id",
    "mart_repertoire_trends": "productions_count desc, title, season_year, opera_work_id",
}
ROWS_SHOWN = 12


def print_marts(csv_directory: Path) -> None:
    """Print the head of each mart and write all of it as CSV, as ``opera_reader`` sees it."""
    import psycopg  # noqa: PLC0415 - heavy import
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    from opera_spiders.config import Config  # noqa: PLC0415
    from opera_spiders.warehouse.store import connection_url  # noqa: PLC0415

    console = Console(width=None if sys.stdout.isatty() else 160)
    csv_directory.mkdir(parents=True, exist_ok=True)
    with psycopg.connect(connection_url(Config.from_settings({}))) as connection, connection.cursor() as cursor:
        cursor.execute("set role opera_reader")
        for mart, columns in MARTS.items():
            rows = cursor.execute(f"select {', '.join(columns)} from marts.{mart} order by {ORDER[mart]}").fetchall()  # type: ignore[arg-type] # noqa: S608 - names are constants above
            table = Table(title=f"marts.{mart}: {len(rows)} rows", title_justify="left", title_style="bold")
            for column in columns:
                table.add_column(column)
            for row in rows[:ROWS_SHOWN]:
                table.add_row(*("" if value is None else str(value) for value in row))
            console.print(table)
            file = csv_directory / f"{mart}.csv"
            with (
                file.open("wb") as output,
                cursor.copy(
                    f"copy (select * from marts.{mart} order by {ORDER[mart]}) to stdout with csv header"
                ) as copy,  # type: ignore[arg-type]
            ):
                for data in copy:
                    output.write(data)
            if len(rows) > ROWS_SHOWN:
                console.print(f"… and {len(rows) - ROWS_SHOWN} more rows, all in {file}\n")
            else:
                console.print(f"also in {file}\n")


def demo() -> int:
    """Serve, crawl, build, print; return the exit status."""
    from opera_spiders.commands import install_browser, run_pipeline  # noqa: PLC0415
    from opera_spiders.config import Config  # noqa: PLC0415
    from sample_houses.server import SampleHouses  # noqa: PLC0415 - not in the egg

    started = time.monotonic()
    os.environ.setdefault("OPERA_ALLOWED_NETWORKS", "127.0.0.1/32")
    config = Config.from_settings({})
    has_browser = install_browser.ensure_browser() is not None
    with SampleHouses() as server:
        houses = [house for house in server.houses if has_browser or not house.needs_browser]
        for house in server.houses:
            print(f"  {house.url:<24} {house.name}{'' if house in houses else ': left out, it needs a browser'}")
        status = run_pipeline.main([*(house.domain for house in houses), "--jobs", str(len(houses))])
    if status:
        print("The demo did not finish: the lines above say which step failed and where its log is.", file=sys.stderr)
        return status
    print_marts(config.opera_home_path() / "demo")
    print(
        f"Done in {time.monotonic() - started:.0f} s. These houses and their artists are invented; the works are real. Next:\n"
        "  scripts/db psql                                    ask the warehouse yourself\n"
        "  scripts/db url --role opera_reader                 an address for Tableau\n"
        "  . .venv/bin/activate; scrapy crawl opera -a domain=… -a max_pages=50    crawl a real house (set OPERA_CONTACT first)\n"
        "  scripts/db reset                                   forget the sample data"
    )
    return 0


def main(argv: list[str] | None = None) -> int:
    """Run the demo."""
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description="Serve the sample houses on this machine, crawl them, build the warehouse and print its marts.",
        epilog="Needs no key and no database; with DATABASE_URL set, that server is used. Run it again at will.",
    )
    parser.parse_args(argv)
    return run_command(demo)


if __name__ == "__main__":
    sys.exit(main())
