"""A crawl outlives a hostile house: each attack is refused or bounded and counted, and the good pages are staged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from . import hostile_attacks as attacks
from .hostile_house import Attack, HostileHouse

ROOT = Path(__file__).parents[2]
PEAK_MIB = 600
FAST = {
    "DOWNLOAD_DELAY": "0",
    "AUTOTHROTTLE_ENABLED": "0",
    "DOWNLOAD_TIMEOUT": "3",
    "RETRY_TIMES": "0",
    "OPERA_BACKOFF_SECONDS": "0.01",
    "OPERA_READING_CPU_SECONDS": "2",
}


@pytest.fixture
def crawl_hostile(database_url: str, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Crawl a hostile house in a process of its own and return outcome, stats, staged paths and peaks of memory."""

    def run(house: HostileHouse, **arguments: str) -> dict[str, Any]:
        command = [sys.executable, "-m", "tests.politeness.measured_crawl", "-a", f"domain={house.address}"]
        for name, value in {"seeds": house.url(), "render": "never", **arguments}.items():
            command += ["-a", f"{name}={value}"]
        for name, value in FAST.items():
            command += ["-s", f"{name}={value}"]
        environment = os.environ | {"DATABASE_URL": database_url, "OPERA_ALLOWED_NETWORKS": "127.0.0.1/32"}
        log = tmp_path / "log"
        with log.open("wb") as errors:
            done = subprocess.run(
                command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=errors, check=False, timeout=900
            )
        with psycopg.connect(database_url) as connection:
            row = connection.execute("SELECT outcome, stats FROM staging.crawl_runs").fetchone()
            staged = connection.execute("SELECT url FROM staging.stg_scraped_pages").fetchall()
        assert row is not None, log.read_text()
        return {
            "outcome": row[0],
            "stats": row[1],
            "staged": {url.removeprefix(house.url("")) for (url,) in staged},
            "log": log.read_text(),
            **json.loads(done.stdout.splitlines()[-1]),
        }

    return run


def check(house: HostileHouse, crawl: dict[str, Any]) -> None:
    """Assert what every group of attacks must come to."""
    assert crawl["outcome"] == "finished", crawl["log"][-5000:]
    assert set(house.good) <= crawl["staged"]
    asked = {"/".join(path.partition("?")[0].split("/")[:3]) for path in house.asked}
    assert [path for path, attack in house.attacks.items() if attack.link is None and path not in asked] == []
    expected = Counter(attack.counted for attack in house.attacks.values() if attack.counted)
    assert {name for name, count in expected.items() if crawl["stats"].get(name, 0) < count} == set(), crawl["stats"]
    assert [path for path in house.asked if path.startswith("/private")] == []
    print({name: round(crawl[name]) for name in ("peak_mib", "children_peak_mib", "cpu_seconds")})  # noqa: T201 (the figures are the point)
    assert max(crawl["peak_mib"], crawl["children_peak_mib"]) <= PEAK_MIB


def quick() -> list[Attack]:
    """One of each kind, small."""
    chosen = {
        "streams": ("ten-gib", "ten-gib-chunked", "headers-without-end", "continue-without-end", "slow-body"),
        "compressed": ("gzip-bomb", "brotli-bomb", "zstd-window", "not-gzip"),
        "redirects": ("loop", "ever-on", "to-a-file", "to-a-forbidden-address", "to-the-disallowed", "refresh-loop"),
        "encodings": ("punycode", "zero-bytes", "html-as-image", "noise", "nul"),
        "pages": ("deep", "attributes"),
        "documents": ("deep-json", "broken-pdf", "pdf-bomb"),
        "texts": ("text-number-dots",),
    }
    return [attack for group, names in chosen.items() for attack in getattr(attacks, group)() if attack.name in names]


def test_a_crawl_outlives_a_hostile_house(crawl_hostile):
    with HostileHouse(quick(), robots=attacks.endless_robots) as house:
        crawl = crawl_hostile(house)
        check(house, crawl)
    assert crawl["stats"]["opera/robots/cut_off"] == 1


@pytest.mark.long
@pytest.mark.parametrize(
    "group", ["compressed", "streams", "redirects", "encodings", "pages", "documents", "texts", "sitemaps"]
)
def test_a_crawl_outlives_every_attack(crawl_hostile, group):
    robots = attacks.listing if group == "sitemaps" else attacks.endless_robots
    with HostileHouse(getattr(attacks, group)(), robots=robots) as house:
        check(house, crawl_hostile(house))
