"""Builds the warehouse of generated houses, again after small changes, and asks what dashboards ask; prints what it cost.

python -m benchmarks.scale --performances 10000 [--houses 10] [--keep DIRECTORY] [--step STEP …]
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from shutil import rmtree

from rich.console import Console
from rich.table import Table

from benchmarks.scale.dashboards import timings
from benchmarks.scale.houses import World
from benchmarks.scale.load import load
from benchmarks.scale.measure import Build, build
from opera_spiders.warehouse.embedded import EmbeddedServer
from opera_spiders.warehouse.server import Server, migrate

SHARES = {"+1 %": 0.01, "+0.1 %": 0.001}
STEPS = ("full", "nothing", *SHARES, "queries")


def main() -> int:
    """Measure; return 1 when a build failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--performances", type=int, default=10_000, help="evenings, about (default: %(default)s)")
    parser.add_argument("--houses", type=int, help="default: one for 1,000 performances")
    parser.add_argument("--keep", type=Path, help="directory of the scratch database, which stays and is used again")
    parser.add_argument("--step", nargs="*", choices=STEPS, default=list(STEPS), help="what to measure (default: all)")
    arguments = parser.parse_args()
    world = World(arguments.houses or max(1, arguments.performances // 1000), arguments.performances)
    directory = arguments.keep or Path(tempfile.mkdtemp(prefix="opera-scale-"))
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o755)
    embedded = EmbeddedServer(directory / "server")
    embedded.start()
    console = Console(width=140)
    failed = False
    try:
        server = Server(embedded.url, embedded)
        migrate(server)
        if not (directory / "staged").exists():
            started = time.monotonic()
            count = load(server, world.versions())
            (directory / "staged").write_text("0")
            console.print(f"{count} page versions staged in {time.monotonic() - started:.0f} s.")
        for step in arguments.step:
            if step == "queries":
                _print_queries(console, server)
                continue
            if step in SHARES:
                number = int((directory / "staged").read_text()) + 1
                (directory / "staged").write_text(str(number))
                console.print(f"{load(server, world.changed(SHARES[step], number))} new page versions.")
            built = build(server, embedded, directory, *(["--full-refresh"] if step == "full" else []))
            _print_build(console, step, built)
            failed = failed or built.exit_status != 0
        _print_size(console, server)
    finally:
        embedded.stop()
        if arguments.keep is None:
            rmtree(directory)
    return 1 if failed else 0


def _print_build(console: Console, step: str, built: Build) -> None:
    console.print(
        f"[bold]{step}[/bold]: {built.seconds:.1f} s, dbt {built.dbt_mb:.0f} MB, "
        f"PostgreSQL {built.postgres_mb:.0f} MB, exit {built.exit_status}, load {os.getloadavg()[0]:.1f}"
    )
    console.print(built.said.strip(), markup=False, highlight=False)
    slow = [f"{name.split('.')[2]} {seconds:.1f}" for seconds, name in built.nodes[:25]]
    console.print(f"  {len(built.nodes)} nodes, {sum(seconds for seconds, _ in built.nodes):.0f} s: {', '.join(slow)}")


def _print_queries(console: Console, server: Server) -> None:
    table = Table("query", "rows", "median ms", "worst ms")
    found = timings(server)
    for timing in found:
        table.add_row(timing.name, str(timing.rows), f"{timing.median_ms:.1f}", f"{timing.worst_ms:.1f}")
    console.print(table)
    samples = sorted(sample for timing in found for sample in timing.samples)
    console.print(
        f"p95 {samples[int(len(samples) * 0.95)]:.1f} ms, worst {samples[-1]:.1f} ms, {len(samples)} queries."
    )


def _print_size(console: Console, server: Server) -> None:
    from sqlalchemy import text

    counts = ("core.performances", "core.productions", "core.cast_assignments", "core.performers", "core.companies")
    with server.engine().connect() as connection:
        size = connection.scalar(text("select pg_size_pretty(pg_database_size(current_database()))"))
        rows = [f"{name} {connection.scalar(text(f'select count(*) from {name}'))}" for name in counts]
    console.print(f"{size}: {', '.join(rows)}.")


if __name__ == "__main__":
    raise SystemExit(main())
