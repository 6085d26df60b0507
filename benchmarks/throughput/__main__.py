"""Compares four crawls of the same pages on this machine, in turn, several times; prints medians and ratios.

python -m benchmarks.throughput [--pages 300] [--repeat 5] [--mode MODE …]
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.throughput.crawl import MODES
from benchmarks.throughput.stages import stage_costs
from opera_spiders.warehouse.embedded import EmbeddedServer
from opera_spiders.warehouse.server import Server, libpq_url, migrate

FLOORS = {"staged": 0.85, "extracted": 0.40}


def main() -> int:
    """Measure; return 1 when a ratio is below its floor."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.throughput", description=__doc__)
    parser.add_argument("--pages", type=int, default=300, help="production pages of the house (default: %(default)s)")
    parser.add_argument("--repeat", type=int, default=5, help="runs of each crawl (default: %(default)s)")
    parser.add_argument("--mode", nargs="*", choices=MODES, default=list(MODES), help="crawls to run (default: all)")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the database and the server end with us
    runs: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="opera-throughput-") as home, serving(arguments.pages) as port:
        Path(home).chmod(0o755)
        environment = os.environ | {"OPERA_HOME": home, "OPERA_ENV_FILE": os.devnull}
        postgres = EmbeddedServer(Path(home) / "postgres")
        postgres.start()
        try:
            server = Server(postgres.url, postgres)
            migrate(server)
            for _ in range(arguments.repeat):
                for mode in arguments.mode:
                    _empty(server)
                    runs[mode].append(_crawled(mode, port, environment | {"DATABASE_URL": libpq_url(server.url)}))
            _print_runs(runs)
            _print_stages(stage_costs(arguments.pages, server))
        finally:
            postgres.stop()
    return _print_ratios(runs)


@contextmanager
def serving(count: int) -> Iterator[int]:
    """Serve the house in a process of its own; yield its port."""
    command = [sys.executable, "-m", "benchmarks.throughput.server", str(count)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.stdin.close()


def _crawled(mode: str, port: int, environment: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.throughput.crawl", mode, str(port)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True, timeout=1800)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    if result["errors"]:
        print(f"{mode}: {result['errors']}", file=sys.stderr)
    return result


def _empty(server: Server) -> None:
    with server.engine().begin() as connection:
        connection.exec_driver_sql("TRUNCATE staging.stg_scraped_pages, staging.crawl_runs CASCADE")


def _print_runs(runs: dict[str, list[dict[str, Any]]]) -> None:
    print(f"{'crawl':<50}{'pages/s':>9}{'min':>7}{'max':>7}{'CPU ms/page':>13}{'peak MB':>9}{'+ each worker':>15}")
    for mode, done in runs.items():
        speeds = [run["pages"] / run["seconds"] for run in done]
        cpu = statistics.median(1000 * run["cpu_seconds"] / run["pages"] for run in done)
        peak, workers_peak = (max(run[name] for run in done) for name in ("peak_mb", "workers_peak_mb"))
        print(
            f"{MODES[mode]:<50}{statistics.median(speeds):>9.1f}{min(speeds):>7.1f}{max(speeds):>7.1f}{cpu:>13.1f}"
            f"{peak:>9.0f}{workers_peak:>15.0f}   {done[0]['pages']} pages, {done[0]['stored'] or 0} stored"
        )


def _print_ratios(runs: dict[str, list[dict[str, Any]]]) -> int:
    """Print the ratio of each crawl to the one without pipelines, pair by pair: the machine's speed drifts."""
    failed = 0
    for mode in runs.keys() - {"unstored"} if "unstored" in runs else ():
        ratios = [
            run["pages"] / run["seconds"] / (base["pages"] / base["seconds"])
            for run, base in zip(runs[mode], runs["unstored"], strict=True)
        ]
        median, floor = statistics.median(ratios), FLOORS.get(mode)
        failed += floor is not None and median < floor
        print(
            f"{mode} / unstored: {median:.2f} ({min(ratios):.2f}-{max(ratios):.2f})" + f", floor {floor}" * bool(floor)
        )
    return int(failed > 0)


def _print_stages(costs: dict[str, float]) -> None:
    print("\nCPU ms per page, each stage on its own, in one process:")
    print("  ".join(f"{stage} {milliseconds:.1f}" for stage, milliseconds in costs.items()))


if __name__ == "__main__":
    sys.exit(main())
