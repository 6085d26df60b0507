"""``python -m benchmarks.resolution FILE``: stage, build, score, print."""

from __future__ import annotations

import argparse
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path
from shutil import rmtree

from rich.console import Console
from rich.table import Table

from benchmarks.resolution.load import pages, productions
from benchmarks.resolution.score import Tallies, handwritten_pages, score_names, score_pairs, score_rows
from opera_spiders.commands.run_dbt import dbt
from opera_spiders.warehouse.embedded import EmbeddedServer
from opera_spiders.warehouse.server import Server, migrate
from tests.dbt.pages import store


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.resolution", description=__doc__)
    parser.add_argument("file", type=Path, help="productions, one JSON object a line")
    parser.add_argument(
        "--keep", type=Path, help="directory of the scratch database, which then stays and is used again"
    )
    parser.add_argument(
        "--select", nargs="*", default=[], help="build these models only (the database must be a kept one)"
    )
    parser.add_argument("--wrong", action="store_true", help="list what is wrong of the tuned half")
    arguments = parser.parse_args()
    directory = arguments.keep or Path(tempfile.mkdtemp(prefix="opera-resolution-"))
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o755)
    found = productions(arguments.file)
    seen: Counter[str] = Counter()
    urls = {}
    for line, production in enumerate(found, 1):
        seen[production["url"]] += 1
        number = seen[production["url"]]
        urls[line] = production["url"] if number == 1 else f"{production['url']}#{number}"
    embedded = EmbeddedServer(directory / "server", {"fsync": "off", "full_page_writes": "off"})
    embedded.start()
    server = Server(embedded.url, embedded)
    try:
        migrate(server)
        if not (directory / "staged").exists():
            with server.engine().begin() as connection:
                store(connection, [*pages(found), *handwritten_pages(found)])
            (directory / "staged").touch()
        started = time.monotonic()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            command = ["build", "--exclude-resource-type", "unit_test"]
            if arguments.select:
                command = [
                    "build",
                    "--resource-type",
                    "model",
                    "--resource-type",
                    "seed",
                    "--select",
                    *arguments.select,
                ]
            results = dbt(server, directory / "dbt", command)
        built_seconds = time.monotonic() - started
        failed = [(r.node.name, r.message) for r in results if str(r.status) in ("error", "fail", "warn")]
        for name, message in failed:
            print(f"{name}: {message}")
        tallies = Tallies()
        with server.engine().connect() as connection:
            score_rows(connection, urls, tallies)
            score_pairs(connection, found, urls, tallies)
            score_names(connection, found, tallies)
    finally:
        if arguments.keep is None:
            embedded.stop()
            rmtree(directory)
    show(tallies, wrong=arguments.wrong)
    slow = sorted(((r.execution_time, r.node.name) for r in results), reverse=True)[:6]
    print(f"{len(found)} productions built in {built_seconds:.0f} s; {', '.join(f'{n} {s:.1f} s' for s, n in slow)}.")
    return 1 if failed else 0


def show(tallies: Tallies, *, wrong: bool) -> None:
    console = Console(width=160)
    table = Table("measure", "tuned half", "held-out half")
    for name, tally in sorted(tallies.items()):
        shares = [
            f"{tally.right[split]}/{tally.cases[split]} = {tally.right[split] / tally.cases[split]:.1%}"
            if tally.cases[split]
            else "–"
            for split in ("tune", "held_out")
        ]
        table.add_row(name, *shares)
    console.print(table)
    if wrong:
        for name, tally in sorted(tallies.items()):
            for what in tally.wrong:
                console.print(f"[bold]{name}[/bold]: ", end="")
                console.print(what, markup=False, highlight=False)


if __name__ == "__main__":
    raise SystemExit(main())
