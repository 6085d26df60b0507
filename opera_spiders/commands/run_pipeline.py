"""``scripts/run_pipeline``: crawl each company in its own process, extract what is pending, run dbt, sum up."""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from opera_spiders.commands import run_command
from opera_spiders.companies import companies
from opera_spiders.errors import BadInputError
from opera_spiders.outcomes import Outcome

if TYPE_CHECKING:
    from opera_spiders.config import Config

ROOT = Path(__file__).resolve().parents[2]
RUNS_KEPT = 30  # a month of nights
MEANING = {0: "finished", 1: "failed", 2: "bad input", 3: "the host's side"}


@dataclass(frozen=True, slots=True)
class Step:
    """How one process of the pipeline ended. ``line`` is the last line it printed: the reason, in words."""

    name: str
    exit_status: int
    seconds: float
    line: str
    log: Path

    @property
    def outcome(self) -> Outcome:
        """How a crawl ended; a process that could not say so failed."""
        try:
            return Outcome(self.line.partition(":")[0])
        except ValueError:
            return Outcome.BAD_INPUT if self.exit_status == Outcome.BAD_INPUT.exit_status else Outcome.FAILED


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Return the arguments."""
    parser = argparse.ArgumentParser(
        prog="scripts/run_pipeline",
        description="Crawl companies, extract what is pending, build the warehouse.",
        epilog="Exit status: 0 all finished, 1 a step of ours failed, 2 bad input, 3 a host could not be crawled.",
    )
    parser.add_argument("domains", metavar="DOMAIN", nargs="*", help="host name of a company, optionally with a port")
    parser.add_argument("--all", action="store_true", help="every company of the registry")
    parser.add_argument("--jobs", type=int, default=4, metavar="N", help="crawls at the same time (default 4)")
    parser.add_argument("--skip-dbt", action="store_true", help="do not build the warehouse")
    parser.add_argument(
        "-a", dest="spider_arguments", metavar="NAME=VALUE", action="append", default=[],
        help="spider argument for every crawl, for example max_pages=200 or since=2026-09-01",
    )  # fmt: skip
    parser.add_argument(
        "-s", dest="settings", metavar="NAME=VALUE", action="append", default=[], help="setting for every crawl"
    )
    arguments = parser.parse_args(argv)
    if arguments.jobs < 1:
        parser.error(f"--jobs is {arguments.jobs}: give the number of crawls to run at the same time, 1 or more")
    if bool(arguments.domains) == arguments.all:
        parser.error("name the domains to crawl, or give --all for every company of the registry")
    for flag, pairs in (("-a", arguments.spider_arguments), ("-s", arguments.settings)):
        for pair in pairs:
            if "=" not in pair:
                parser.error(f"{flag} {pair}: it takes NAME=VALUE, such as -a max_pages=200")
    return arguments


async def check(domains: Sequence[str], arguments: argparse.Namespace) -> Config:
    """Look at what every step needs before any is started, so that one fault is one line; return the configuration.

    :raises OperaError: an argument or setting cannot be used, or the database or the extractor cannot
    """
    from opera_spiders.commands.crawl import check_settings
    from opera_spiders.config import Config
    from opera_spiders.discovery.crawl_arguments import CrawlArguments
    from opera_spiders.warehouse.server import open_server

    check_settings(arguments.settings)
    config = Config.from_settings(dict(pair.split("=", 1) for pair in arguments.settings))
    given = dict(pair.split("=", 1) for pair in arguments.spider_arguments)
    for domain in domains:
        CrawlArguments.parse({**given, "domain": domain})
    if config.opera_database == "off":
        raise BadInputError("run_pipeline keeps pages in the database, and OPERA_DATABASE is off. Set it to on.")
    if config.opera_llm_model is not None:
        from opera_spiders.extraction.extractors import make_extractor

        await make_extractor(config).aclose()
    open_server(config)
    return config


def new_logs(home: Path, started_at: datetime) -> Path:
    """Return a new directory for the logs of this run, one file a step; of older runs the latest are kept.

    :raises BadInputError: it cannot be made
    """
    logs = home / "logs"
    name = f"{started_at:%Y-%m-%dT%H%M%S}"
    try:
        logs.mkdir(parents=True, exist_ok=True)
        for number in count(1):
            directory = logs / (name if number == 1 else f"{name}-{number}")
            with suppress(FileExistsError):
                directory.mkdir()
                break
    except OSError as error:
        raise BadInputError(
            f"{logs} cannot be written: {error.strerror}. Set OPERA_HOME to a directory that this user may write."
        ) from None
    for old in sorted(filter(Path.is_dir, logs.iterdir()))[:-RUNS_KEPT]:
        shutil.rmtree(old, ignore_errors=True)  # another run may be at it too
    return directory


async def run(name: str, command: Sequence[str], log: Path, environment: Mapping[str, str]) -> Step:
    """Run one process with its output in ``log``; a cancelled step is interrupted as by Ctrl-C and waited for."""
    started = time.monotonic()
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *command, cwd=ROOT, stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True,  # a terminal's Ctrl-C reaches it once, through us: twice would not let it end well
            env={**environment, "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))},
        )  # fmt: skip
        try:
            status = await process.wait()
        except asyncio.CancelledError:
            process.send_signal(signal.SIGINT)
            await process.wait()
            raise
    return Step(name, status, time.monotonic() - started, last_line(log), log)


def last_line(log: Path) -> str:
    """Return the last line of a step's log: every command of ours ends with the one that says how it went."""
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "printed nothing"


async def crawl_all(domains: Sequence[str], arguments: argparse.Namespace, logs: Path, config: Config) -> list[Step]:
    """Crawl each domain in its own process, at most ``--jobs`` at a time, one line as each ends.

    What ``config`` holds goes by the environment: a process list shows no secret.
    """
    settings = [pair for pair in arguments.settings if pair.partition("=")[0].lower() not in type(config).model_fields]
    environment = config.environment()
    places = asyncio.Semaphore(arguments.jobs)
    ended = 0

    async def crawl(domain: str) -> Step:
        nonlocal ended
        command = ["scrapy", "crawl", "opera", "-a", f"domain={domain}"]
        for flag, pairs in (("-a", arguments.spider_arguments), ("-s", settings)):
            command += [part for pair in pairs for part in (flag, pair)]
        log = logs / f"{domain.replace(':', '_').replace('/', '_')}.log"
        async with places:
            step = await run(domain, command, log, environment)
        ended += 1
        print(f"  {ended}/{len(domains)}  {step.seconds:5.0f} s  {step.line}", flush=True)
        return step

    return list(await asyncio.gather(*(crawl(domain) for domain in domains)))


async def run_all(arguments: argparse.Namespace) -> int:
    """Run the pipeline; say at once that an interruption was heard, since the steps take a moment to end well."""
    steps = asyncio.create_task(pipeline(arguments))
    try:
        return await asyncio.shield(steps)
    except asyncio.CancelledError:
        print("Stopping; what was fetched is kept …", file=sys.stderr, flush=True)
        steps.cancel()
        await asyncio.wait([steps])
        raise


async def pipeline(arguments: argparse.Namespace) -> int:
    """Run the steps and return the exit status."""
    domains = list(dict.fromkeys(arguments.domains or [company.domain for company in companies()]))
    config = await check(domains, arguments)
    logs = new_logs(config.opera_home_path(), datetime.now(UTC))
    companies_named = f"{len(domains)} compan{'y' if len(domains) == 1 else 'ies'}"
    print(f"Crawling {companies_named}, {min(arguments.jobs, len(domains))} at a time; logs in {logs}", flush=True)
    crawls = await crawl_all(domains, arguments, logs, config)
    later = [("Extracting what is still pending", "extract_pending")]
    if not arguments.skip_dbt:
        later.append(("Building the warehouse", "run_dbt"))
    steps = []
    for title, name in later:
        print(f"{title} …", flush=True)
        steps.append(await run(name, [f"opera_spiders.commands.{name}"], logs / f"{name}.log", config.environment()))
        print(f"  {steps[-1].seconds:5.0f} s  {steps[-1].line}", flush=True)
    ends = Counter(step.outcome for step in crawls)
    ways = [f"{ends[outcome]} {outcome}" for outcome in Outcome if ends[outcome]]
    print("; ".join([f"{companies_named}: {', '.join(ways)}", *(f"{step.name} {_meaning(step)}" for step in steps)]))
    for step in (*crawls, *steps):
        if step.exit_status:
            print(f"  {step.name}: {_meaning(step)} (log: {step.log})\n    {step.line}")
    # Our own failure outranks bad input, which outranks a host's: the operator mends in that order.
    return next((status for status in (1, 2, 3) if any(_status(step) == status for step in (*crawls, *steps))), 0)


def _meaning(step: Step) -> str:
    return MEANING[_status(step)]


def _status(step: Step) -> int:
    """Return the step's exit status within ``MEANING``; anything else, a signal included, is our failure."""
    return step.exit_status if step.exit_status in MEANING else 1


def main(argv: list[str] | None = None) -> int:
    """Run the pipeline."""
    arguments = parse(argv)
    return run_command(lambda: asyncio.run(run_all(arguments)))


if __name__ == "__main__":
    sys.exit(main())
