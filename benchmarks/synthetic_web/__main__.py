"""The synthetic web: measure discovery on it, or serve it to look at.

python -m benchmarks.synthetic_web                    every house: recall, useful share, bounds, max_pages=50
python -m benchmarks.synthetic_web --group held-out   the houses that were not looked at while discovery was tuned
python -m benchmarks.synthetic_web --group further    houses of other kinds
python -m benchmarks.synthetic_web --peers            the same for stock Scrapy
python -m benchmarks.synthetic_web --houses 3,7-9     only these
python -m benchmarks.synthetic_web --serve 9300       house n at http://127.0.0.1:(9300 + n)/ until interrupted

recall    productions of which a page was fetched, of all of this season, the last and the next
useful    answers with facts of these or of finances that no answer before had, of all requests of the access log
bound     requests a house of its size may cost: documents of one language without archive, and a quarter more
first 50  a crawl with max_pages=50 beside an oracle's: "facts" are those it found, of those in the 50 documents of the
          site that state most when taken one after the other, each for what the ones before do not state. The oracle
          knows every address and answer; it needs no start page, list or link. "shown" are productions of which a page
          is among the 50, of as many as 50 pages can show one by one. The last line has the means of the houses.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time

from benchmarks.synthetic_web.houses import house, houses
from benchmarks.synthetic_web.measure import Result, measure, totals
from benchmarks.synthetic_web.server import SyntheticWeb

FEW_PAGES = 50


def main() -> None:
    """Run what the arguments say."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.synthetic_web",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--houses", type=_numbers, help="numbers and ranges, such as 3,7-9")
    parser.add_argument("--group", choices=("tuned", "held-out", "further"), default="tuned", help="which houses")
    parser.add_argument("--peers", action="store_true", help="measure stock Scrapy as well")
    parser.add_argument("--jobs", type=int, default=2, help="crawls at a time (default 2)")
    parser.add_argument("--serve", type=int, metavar="PORT", help="serve the houses in place of measuring")
    arguments = parser.parse_args()
    numbers = arguments.houses or list(houses(arguments.group))
    if arguments.serve:
        with SyntheticWeb(numbers, arguments.serve) as web:
            for number, domain in web.domains.items():
                print(f"{number:3} http://{domain}/  {house(number).scheme.name}")
            threading.Event().wait()
    for crawler in ("opera", *(("scrapy",) if arguments.peers else ())):
        begun_at = time.monotonic()
        whole = measure(numbers, crawler, jobs=arguments.jobs, watch=_say)
        few = measure(numbers, crawler, max_pages=FEW_PAGES, jobs=arguments.jobs, watch=_say)
        _print(crawler, whole, few, time.monotonic() - begun_at)


def _say(result: Result) -> None:
    """Tell who waits how far it is."""
    limit = f", {result.max_pages} pages" if result.max_pages else ""
    print(
        f"house {result.house}{limit}: {result.found} of {result.productions}, {result.requests} requests",
        file=sys.stderr,
    )


def _print(crawler: str, whole: list[Result], few: list[Result], seconds: float) -> None:
    print(f"\n{crawler}: {seconds:.0f} s")
    print(
        f"{'':3} {'addresses':26} {'recall':>7} {'useful':>7} {'requests':>9} {'bound':>6}   first {FEW_PAGES}: facts  shown"
    )
    for one, first in zip(whole, few, strict=True):
        site = house(one.house)
        over = "!" if one.requests > one.bound else " "
        print(
            f"{one.house:3} {site.scheme.name:26} {one.recall:7.3f} {one.useful_share:7.3f} {one.requests:8}{over} {one.bound:6}"
            f" {first.order_share:17.3f} {first.production_order_share:6.3f}"
        )
    all_, first = totals(whole), totals(few)
    print(
        f"    {'all':26} {all_['recall']:7.3f} {all_['useful_share']:7.3f} {all_['requests']:8}  {all_['over_bound']:4} over"
        f" {first['order_share']:11.3f} {first['production_order_share']:6.3f}"
    )


def _numbers(text: str) -> list[int]:
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


if __name__ == "__main__":
    main()
