"""A long crawl in one real Chromium: what it holds does not grow, and nothing of it is left."""

from __future__ import annotations

import json
from statistics import mean

import pytest

from opera_spiders.politeness.browser import PAGES_PER_CONTEXT

from .local_host import Answer

SHELL = Answer(
    '<!doctype html><meta charset="utf-8"><title>Season</title><div id="app"></div><script src="/app.js"></script>'
)
APP = Answer(
    """
    const rows = nights => nights.map(n => `<li class="night"><h3>${n.title}</h3><p>${n.date}</p></li>`).join('');
    window.kept = Array.from({length: 20000}, (_, n) => ({n, text: 'night ' + n}));
    fetch('/api' + location.pathname).then(answer => answer.json()).then(nights => {
      document.getElementById('app').innerHTML = `<ul>${rows(nights)}</ul>`;
    });
    """,
    headers={"Content-Type": "text/javascript; charset=utf-8"},
)


@pytest.mark.browser
@pytest.mark.parametrize(
    "count", [pytest.param(1000, marks=pytest.mark.long, id="1000 pages"), pytest.param(24, id="24 pages")]
)
def test_memory_is_flat_and_no_page_or_process_is_left(host, crawl, count: int):
    nights = [{"title": f"Tosca {n}", "date": f"2027-01-{n % 28 + 1:02d}, 19:30"} for n in range(60)]
    data = Answer(json.dumps(nights), headers={"Content-Type": "application/json"})
    paths = [f"/{n}" for n in range(count)]
    house = host({"/app.js": APP} | dict.fromkeys(paths, SHELL) | {f"/api{path}": data for path in paths})

    # The short run sees three contexts, too.
    quick = {} if count >= 2 * PAGES_PER_CONTEXT else {"PAGES_PER_CONTEXT": 8, "_SETTLED_SECONDS": 0.2}

    result = crawl(*map(house.url, paths), browser=quick, weigh=True, within_seconds=60 + 10 * count)

    assert result.stats["opera/pages/rendered"] == count
    assert min(page["characters"] for page in result.pages) > 3000
    assert result.stats["opera/browser/pages_left_open"] == 0
    assert result.children == []
    held = [page["all_mb"] for page in result.pages]
    first, second = mean(held[: count // 2]), mean(held[count // 2 :])
    print(f"{count} pages: {first:.0f} MB in the first half, {second:.0f} MB in the second, {max(held):.0f} MB at most")  # noqa: T201 (the figure is the point)
    assert second <= 1.1 * first
