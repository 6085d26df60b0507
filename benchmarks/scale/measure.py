"""What a build costs: seconds, and the memory of dbt and of the database server while it runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from opera_spiders.warehouse.embedded import EmbeddedServer
from opera_spiders.warehouse.server import Server, libpq_url

SAMPLE_SECONDS = 0.5


@dataclass(frozen=True)
class Build:
    """A run of ``scripts/run_dbt``. Memory in MB, at its peak; of PostgreSQL the sum over its processes, each page once."""

    exit_status: int
    seconds: float
    dbt_mb: float
    postgres_mb: float
    said: str
    nodes: list[tuple[float, str]]


def build(server: Server, embedded: EmbeddedServer, home: Path, *arguments: str) -> Build:
    """Run ``scripts/run_dbt`` on the database and measure it."""
    environment = os.environ | {
        "DATABASE_URL": libpq_url(server.url),
        "OPERA_HOME": str(home),
        "OPERA_ENV_FILE": os.devnull,
    }
    results = home / "dbt" / "target" / "run_results.json"
    results.unlink(missing_ok=True)
    started = time.monotonic()
    command = [sys.executable, "-W", "ignore", "-m", "opera_spiders.commands.run_dbt", "--skip-freshness", *arguments]
    run = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    postmaster = int((embedded.data / "postmaster.pid").read_text().split()[0])
    peaks = {"dbt": 0.0, "postgres": 0.0}
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(SAMPLE_SECONDS):
            peaks["dbt"] = max(peaks["dbt"], _megabytes(run.pid))
            peaks["postgres"] = max(peaks["postgres"], _megabytes(postmaster))

    watcher = threading.Thread(target=watch)
    watcher.start()
    said = run.communicate()[0]
    ended.set()
    watcher.join()
    seconds = time.monotonic() - started
    nodes = []
    if results.exists():
        nodes = [(node["execution_time"], node["unique_id"]) for node in json.loads(results.read_text())["results"]]
    return Build(run.returncode, seconds, peaks["dbt"], peaks["postgres"], said, sorted(nodes, reverse=True))


def _megabytes(pid: int) -> float:
    """Return the memory of a process and all below it: shared pages are divided among those that share them."""
    total = 0
    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        for process in [parent, *parent.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                total += process.memory_full_info().pss
    return total / 1e6
