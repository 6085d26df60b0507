"""Crawls the synthetic web and counts: productions found, requests that brought something, order against an oracle's."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from benchmarks.synthetic_web.server import Hit, SyntheticWeb
from benchmarks.synthetic_web.site import Fact, Site

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Result:
    """One crawl of one house.

    ``productions`` counts those of interest, ``useful`` the answers with new facts of interest, ``requests`` every line
    of the access log, ``bound`` how many of these a finite site of its size would need at most; ``facts`` those found,
    ``oracle_facts`` those an all-knowing crawl has after as many pages as were allowed (None: no limit).
    """

    house: int
    productions: int
    found: int
    requests: int
    useful: int
    bound: int
    facts: int
    oracle_facts: int | None = None
    max_pages: int | None = None

    @property
    def recall(self) -> float:
        """The share of productions of which a page was fetched."""
        return self.found / self.productions

    @property
    def useful_share(self) -> float:
        """The share of requests that brought something new."""
        return self.useful / max(1, self.requests)

    @property
    def order_share(self) -> float:
        """The share of the oracle's facts."""
        return self.facts / self.oracle_facts if self.oracle_facts else 1.0

    @property
    def production_order_share(self) -> float:
        """The share of the productions that as many pages can show, one each."""
        return self.found / min(self.productions, self.max_pages or self.productions)


def measure(
    numbers: Iterable[int],
    crawler: str = "opera",
    *,
    max_pages: int | None = None,
    jobs: int = 2,
    watch: Callable[[Result], None] = lambda _: None,
) -> list[Result]:
    """Crawl the houses, ``jobs`` at a time, and return one result for each.

    :param crawler: ``opera``, or one of ``peers.PEERS``
    :param watch: told of each house when its crawl has ended
    :raises RuntimeError: a crawl failed
    """
    numbers = list(numbers)
    workers: SimpleQueue[subprocess.Popen[str]] = SimpleQueue()
    started = [_worker() for _ in range(min(jobs, len(numbers)))]
    for worker in started:
        workers.put(worker)
    with SyntheticWeb(numbers) as web, ThreadPoolExecutor(len(started)) as pool:

        def crawl(number: int) -> Result:
            worker = workers.get()
            try:
                job = {
                    "crawler": crawler,
                    "domain": web.domains[number],
                    "arguments": {"max_pages": str(max_pages)} if max_pages and crawler == "opera" else {},
                    "settings": {"CLOSESPIDER_PAGECOUNT": max_pages} if max_pages and crawler != "opera" else {},
                }
                assert worker.stdin is not None
                assert worker.stdout is not None
                worker.stdin.write(json.dumps(job) + "\n")
                worker.stdin.flush()
                answer = json.loads(worker.stdout.readline())
            finally:
                workers.put(worker)
            if "crash" in answer:
                raise RuntimeError(f"The crawl of house {number} failed: {answer['crash']}")
            result = result_of(number, web.sites[number], web.logs[number], max_pages)
            watch(result)
            return result

        results = list(pool.map(crawl, numbers))
    for worker in started:
        with worker:  # closes its pipes, which ends it
            pass
    return results


def result_of(number: int, site: Site, log: Sequence[Hit], max_pages: int | None) -> Result:
    """Return what an access log amounts to."""
    of_interest = {p.number for p in site.programme.productions if p.is_of_interest}
    known: set[Fact] = set()
    found: set[int] = set()
    useful = 0
    for hit in log:
        page = hit.answer.page
        if page is None or hit.answer.status != 200:
            continue
        facts = wanted(page.facts, of_interest)
        useful += not facts <= known
        known |= facts
        found |= of_interest.intersection(page.productions)
    return Result(
        house=number,
        productions=len(of_interest),
        found=len(found),
        requests=len(log),
        useful=useful,
        bound=bound(site),
        facts=len(known),
        oracle_facts=len(oracle(site, max_pages)) if max_pages else None,
        max_pages=max_pages,
    )


def wanted(facts: frozenset[Fact], of_interest: set[int]) -> frozenset[Fact]:
    """Return the facts about productions of interest and about the company."""
    return frozenset(fact for fact in facts if fact[0] in of_interest or not fact[0])


def bound(site: Site) -> int:
    """Return the most requests a crawl may make: the documents of one language without archive, and a quarter more."""
    language = site.options.languages[0]
    documents = {
        id(page) for page in site.pages.values() if page.language == language and not page.kind.startswith("archive")
    }
    return len(documents) * 5 // 4


def oracle(site: Site, pages: int) -> set[Fact]:
    """Return the facts of the best ``pages`` pages, each the one with most news: it knows every address and answer."""
    of_interest = {p.number for p in site.programme.productions if p.is_of_interest}
    known: set[Fact] = set()
    left = [facts for page in site.pages.values() if (facts := wanted(page.facts, of_interest))]
    for _ in range(pages):
        best = max(left, key=lambda facts: len(facts - known), default=frozenset())
        if best <= known:
            break
        known |= best
    return known


def totals(results: Sequence[Result]) -> Mapping[str, Any]:
    """Return the figures of several houses: means by house, and shares of all."""
    requests = sum(result.requests for result in results)
    return {
        "houses": len(results),
        "recall": sum(result.found for result in results) / sum(result.productions for result in results),
        "useful_share": sum(result.useful for result in results) / requests,
        "requests": requests,
        "over_bound": sum(result.requests > result.bound for result in results),
        "order_share": sum(result.order_share for result in results) / len(results),
        "production_order_share": sum(result.production_order_share for result in results) / len(results),
    }


def _worker() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.synthetic_web.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
