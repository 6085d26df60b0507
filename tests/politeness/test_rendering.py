from __future__ import annotations

import pytest

from .local_host import Answer

SHELL = Answer('<!doctype html><title>Cartellone</title><div id="app"></div><script src="/app.js"></script>')
APP = Answer(
    """
fetch('/api/nights.json').then(answer => answer.json()).then(nights => setTimeout(() => {
  document.getElementById('app').innerHTML = nights.map(night => `<p class=night>${night.title}</p>`).join('')
}, 300))
""",
    headers={"Content-Type": "text/javascript"},
)
NIGHTS = Answer('[{"title": "La traviata"}, {"title": "Tosca"}]', headers={"Content-Type": "application/json"})


@pytest.mark.browser
def test_a_page_drawn_by_its_script_is_rendered(host, crawl):
    house = host({"/": SHELL, "/app.js": APP, "/api/nights.json": NIGHTS})
    result = crawl(house.url())
    print("\n".join(result.log[-30:]))
    [page] = result.pages
    assert "La traviata" in page["text"] and "Tosca" in page["text"]
    assert page["meta"]["opera_rendered"] is True
    assert house.paths() == ["/robots.txt", "/", "/.well-known/tdmrep.json", "/app.js", "/api/nights.json"]
