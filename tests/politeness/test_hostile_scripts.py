"""Pages whose scripts attack the browser: each costs its own time and memory at most, and the next page is drawn."""

from __future__ import annotations

import pytest

from .local_host import Answer

GOOD = Answer(
    '<!doctype html><meta charset="utf-8"><title>Tosca</title><div id="app"></div>'
    "<script>document.getElementById('app').innerHTML = '<p>Tosca, 14 March 2027, 19:30. '.repeat(20);</script>"
)
ATTACKS = {
    "loop": "for (;;) ;",
    "loop-later": "setTimeout(() => { for (;;) ; }, 100);",
    "loop-of-promises": "(function again() { Promise.resolve().then(again); })();",
    "heap": "const all = []; for (;;) all.push(new Array(1000).fill({}));",
    "text": "let text = 'a'; const all = []; for (;;) { text += text.slice(0, 1e6); all.push(text + Math.random()); }",
    "buffers": "const all = []; for (;;) all.push(new Uint8Array(1e7).fill(1));",
    "elements": "for (;;) document.body.appendChild(document.createElement('p')).textContent = 'x'.repeat(1e5);",
    "alerts": "for (;;) alert('x');",
    "windows": "setInterval(() => window.open('/good'), 1);",
    "frames": "setInterval(() => document.body.appendChild(document.createElement('iframe')).src = '/good', 1);",
    "elsewhere": "setInterval(() => { location = '/attack-elsewhere?' + Math.random(); }, 1);",
    "never-settled": "setInterval(() => document.body.append('x'), 10);",
    "workers": "setInterval(() => new Worker(URL.createObjectURL(new Blob(['for (;;) ;']))), 50);",
    "rewritten": "for (;;) document.write('<p>x');",
    "regex": "/^(a+)+$/.test('a'.repeat(40) + 'b');",
    "sync-requests": "for (;;) { const r = new XMLHttpRequest(); r.open('GET', '/none', false); try { r.send(); } catch {} }",
    "leaving": "onbeforeunload = () => 'stay'; onunload = () => { for (;;) ; }; onpagehide = () => { for (;;) ; };",
}
QUICK = ("loop", "heap", "leaving")


@pytest.mark.browser
@pytest.mark.parametrize(
    "names",
    [pytest.param(QUICK, id="quick"), pytest.param(tuple(ATTACKS), id="all", marks=pytest.mark.long)],
)
def test_a_script_that_attacks_costs_its_own_page_only(host, crawl, names: tuple[str, ...]):
    pages = {"/good": GOOD}
    for name in names:
        pages[f"/attack-{name}"] = Answer(f'<!doctype html><div id="app"></div><script>{ATTACKS[name]}</script>')
        pages[f"/good-{name}"] = GOOD
    house = host(pages)
    paths = [path for name in names for path in (f"/attack-{name}", f"/good-{name}")]

    result = crawl(
        *map(house.url, paths),
        settings={"OPERA_RENDER_TIMEOUT_SECONDS": 6},
        within_seconds=60 + 40 * len(names),
    )

    assert result.errors == []
    drawn = {page["url"].rpartition("/")[2]: page["text"] for page in result.pages}
    assert {path: "Tosca, 14 March" in drawn[path] for path in drawn if path.startswith("good")} == {
        f"good-{name}": True for name in names
    }
    assert result.stats["opera/browser/pages_left_open"] == 0
    assert result.children == []
    print(f"{result.largest_process_mb:.0f} MB at most in one process")  # noqa: T201 (the figure is the point)
    assert result.largest_process_mb <= 600
