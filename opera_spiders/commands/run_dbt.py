"""``scripts/run_dbt``: build the warehouse from what is staged, test it, and say how fresh it is."""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from opera_spiders.commands import run_command
from opera_spiders.errors import BadInputError, OperaError

if TYPE_CHECKING:
    from opera_spiders.warehouse.server import Server

PROJECT = Path(__file__).resolve().parents[2] / "dbt_opera"
# "Opera dbt" as a number; PostgreSQL's advisory locks hold for one database and end with the session that took them.
LOCK = 0x0B_E2A_DB7
VOCABULARIES = PROJECT.parent / "opera_spiders" / "data"
SUCCEEDED = {"pass": "tests passed", "success": "tables, views and seeds built"}
FAILED = ("error", "fail", "runtime error", "partial success")


def main(argv: list[str] | None = None) -> int:
    """Build the warehouse; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="scripts/run_dbt",
        description="Build and test the warehouse (dbt build), then check how fresh the crawled pages are. Where "
        "nothing has changed that the last whole build read, nothing is built. Every other argument goes to dbt build, "
        "which then runs in any case: --select marts, --full-refresh, --threads 8 …",
        epilog="Exit status: 0 built and every test passed (warnings are listed), 1 something failed or no page has "
        "been seen for a month, 2 bad input. Two runs on one database, or in one OPERA_HOME, take turns.",
    )
    parser.add_argument("--skip-freshness", action="store_true", help="only build")
    parser.add_argument("--full-tests", action="store_true", help="build and test everything, changed or not")
    arguments, build_arguments = parser.parse_known_args(argv)
    return run_command(
        lambda: run_dbt(build_arguments, skip_freshness=arguments.skip_freshness, full_tests=arguments.full_tests)
    )


def run_dbt(build_arguments: Sequence[str] = (), *, skip_freshness: bool = False, full_tests: bool = False) -> int:
    """Build, check freshness, print the summary; return the exit status.

    :raises OperaError: the database is not ready, or dbt cannot do what it is asked
    """
    from opera_spiders.config import Config, checkout_path
    from opera_spiders.warehouse.server import open_server

    if checkout_path() is None:
        raise BadInputError(
            "The dbt project is part of the checkout, and this code does not run from one. Run scripts/run_dbt there, "
            "with the same DATABASE_URL."
        )
    config = Config.from_environment()
    if config.opera_database == "off":
        raise BadInputError("run_dbt builds the warehouse in the database, and OPERA_DATABASE is off. Set it to on.")
    home = config.opera_home_path() / "dbt"
    server = open_server(config)
    started = time.monotonic()
    with _alone_in(home), _alone(server):
        counts = _build(server, home, build_arguments, full_tests=full_tests)
        is_fresh = skip_freshness or _is_fresh(dbt(server, home, ["source", "freshness"]))
    if counts is None:
        print("The warehouse is as its last build left it: nothing that a build reads has changed since.")
        return 0 if is_fresh else 1
    failures = sum(counts[status] for status in FAILED)
    verdict = "failed" if failures else "is built" if is_fresh else "is built, but from old pages,"
    numbers = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    print(f"The warehouse {verdict} in {time.monotonic() - started:.0f} s: {numbers}.")
    return 0 if is_fresh and not failures else 1


def _build(server: Server, home: Path, build_arguments: Sequence[str], *, full_tests: bool) -> Counter[str] | None:
    """Build; return how many nodes ended how, or None where a build would change nothing and nobody asked for it."""
    from opera_spiders.warehouse import last_build

    code = code_digest()
    is_whole = set(build_arguments) <= {"--full-refresh"}
    arguments = _without_unit_tests(build_arguments)
    with server.engine().begin() as connection:
        inputs = last_build.inputs_digest(connection, code) if is_whole else ""
        if not build_arguments and not full_tests and last_build.is_current(connection, inputs):
            return None
        if is_whole and not last_build.is_made_by(connection, code):
            arguments = list(dict.fromkeys([*arguments, "--full-refresh"]))
        last_build.forget(connection, code)
    counts = _print_results(dbt(server, home, ["build", *arguments]))
    if is_whole and not any(counts[status] for status in FAILED):
        with server.engine().begin() as connection:
            last_build.remember(connection, inputs, code)
    return counts


def code_digest() -> str:
    """Return a digest of the dbt project, its seeds and the dbt that reads them."""
    from importlib.metadata import version

    # Beside the project's directories lies what dbt writes when somebody runs it by hand.
    files = [*PROJECT.glob("*.yml"), *VOCABULARIES.glob("*.csv")]
    for directory in ("macros", "models", "seeds", "tests"):
        files.extend(file for file in (PROJECT / directory).rglob("*") if file.is_file())
    digest = hashlib.sha256(f"{version('dbt-core')} {version('dbt-postgres')}".encode())
    for file in sorted(files):
        digest.update(f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def dbt(server: Server, home: Path, arguments: Sequence[str]) -> list[Any]:
    """Run dbt on the warehouse in ``server``, in this process and quietly; return its results, one per node.

    What dbt writes, its log included, goes to ``home``: a checkout may be read-only, and databases may share it.

    :raises BadInputError: dbt does not know an argument, the selection is empty, or ``home`` cannot be written
    :raises OperaError: dbt could not run at all; the text is dbt's
    :raises KeyboardInterrupt: dbt was interrupted
    """
    from dbt.cli.main import dbtRunner

    _writable(home)
    options = {
        "--project-dir": PROJECT,
        "--profiles-dir": PROJECT,
        "--target-path": home / "target",
        "--log-path": home / "logs",
        "--log-level": "none",
        "--log-level-file": "info",
    }
    command = [*arguments, *(str(part) for option in options.items() for part in option)]
    with _environment(server.libpq_environment() | {"DO_NOT_TRACK": "1"}), _interruption() as interrupted:
        outcome = dbtRunner(callbacks=[_show_progress]).invoke(command)
    # dbt then ends its other sessions, which its role may not do, and reports that, or nothing at all.
    if interrupted.is_set():
        raise KeyboardInterrupt
    if outcome.exception is not None:
        reason = " ".join(str(outcome.exception).split())
        if type(outcome.exception).__name__ == "DbtUsageException":
            raise BadInputError(f"dbt does not understand this: {reason}")
        raise OperaError(f"dbt could not run: {reason}")
    results: list[Any] = list(getattr(outcome.result, "results", []))
    if not results:
        raise BadInputError(f"dbt found nothing to do for '{' '.join(arguments)}': no model, seed or test matches.")
    return results


def _writable(home: Path) -> Path:
    """Return ``home``, made if absent.

    :raises BadInputError: it cannot be written
    """
    try:
        (home / "logs").mkdir(parents=True, exist_ok=True)
        (home / "lock").touch()
    except OSError as error:
        raise BadInputError(
            f"dbt cannot write to {home}: {error.strerror}. Make it writable, or set OPERA_HOME to another directory."
        ) from None
    return home


@contextmanager
def _interruption() -> Iterator[threading.Event]:
    """Note whether Ctrl-C was pressed, whatever becomes of the KeyboardInterrupt it raises in the main thread."""
    interrupted = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield interrupted
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        interrupted.set()
        signal.default_int_handler(number, frame)

    previous = signal.signal(signal.SIGINT, interrupt)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, previous)


def _without_unit_tests(arguments: Sequence[str]) -> list[str]:
    """Unit tests test the models, not the data: scripts/test runs them, a build does not unless asked."""
    asked = any(argument.startswith(("--resource-type", "--exclude-resource-type")) for argument in arguments)
    return [*arguments, *([] if asked else ["--exclude-resource-type", "unit_test"])]


@contextmanager
def _alone_in(home: Path) -> Iterator[None]:
    """Hold the directory dbt writes to, which runs on several databases may share."""
    with _writable(home).joinpath("lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"Another run of dbt writes to {home}; waiting for it to end.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _alone(server: Server) -> Iterator[None]:
    """Hold the database's lock of builds. A run that was killed holds none, for the lock ends with its session."""
    from sqlalchemy import text

    with server.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}):
            print(f"Another run builds the warehouse in {server.place}; waiting for it to end.", flush=True)
            connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        yield


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Set environment variables for as long as dbt runs: ``profiles.yml`` reads them."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _show_progress(event: Any) -> None:
    """Count nodes on a terminal; elsewhere the summary is enough."""
    if event.info.name == "LogStartLine" and sys.stderr.isatty():
        end = "\r" if event.data.index < event.data.total else "\r\033[K"
        print(f"\033[K  {event.data.index}/{event.data.total} {event.data.description}"[:110], end=end, file=sys.stderr)


def _print_results(results: list[Any]) -> Counter[str]:
    """Print a line for each node that did not simply succeed; return how many ended how."""
    counts: Counter[str] = Counter()
    for result in results:
        status = str(result.status)
        counts[SUCCEEDED.get(status, status)] += 1
        if status not in (*SUCCEEDED, "skipped", "no-op"):
            print(f"{status}: {result.node.name}: {' '.join((result.message or '').split())}", flush=True)
    return counts


def _is_fresh(results: list[Any]) -> bool:
    """Tell whether any page has been seen within a month; print a line where it was not within the last days."""
    for result in results:
        if result.max_loaded_at.year == 1:  # dbt's word for an empty table
            print("No page has been staged yet: crawl one, for example with scripts/run_pipeline roh.org.uk.")
        elif str(result.status) in ("warn", "error"):
            print(f"The newest page was seen at {result.max_loaded_at:%Y-%m-%d %H:%M} UTC: crawl again.")
            return str(result.status) != "error"
    return True


if __name__ == "__main__":
    sys.exit(main())
