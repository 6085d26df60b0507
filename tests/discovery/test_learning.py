"""What a crawl learns about its site while it runs."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import pairwise

import pytest

from benchmarks.synthetic_web.houses import houses
from benchmarks.synthetic_web.measure import measure, totals
from opera_spiders.discovery.frontier import Frontier
from opera_spiders.discovery.languages import LanguageChoice
from opera_spiders.discovery.links import Link
from opera_spiders.discovery.novelty import Novelty, Statements
from opera_spiders.discovery.parameters import Parameters
from opera_spiders.discovery.traps import TrapRules, Window
from opera_spiders.discovery.yields import Yields, pattern
from opera_spiders.extraction.blocks import read_blocks

TODAY = date(2026, 11, 24)
WINDOW = Window.around(TODAY)
HOME = "https://x.example/"


def page(body: str) -> Statements:
    html = f'<html lang="en"><main>{body}</main></html>'.encode()
    return Statements.of(read_blocks(html, "text/html", HOME), TODAY)


def frontier() -> tuple[Frontier, Counter[str]]:
    counts: Counter[str] = Counter()
    return Frontier(["x.example"], TrapRules(WINDOW), LanguageChoice(None), lambda stat: counts.update([stat])), counts


def test_an_evening_is_new_once_whoever_announces_it():
    novelty = Novelty(WINDOW)
    evenings = "<p>4 December 2026, 19:30</p><p>6 December 2026, 18:00</p><p>9 December 2026, 19:30</p>"
    first = novelty.of(page(f"<h1>A new work</h1>{evenings}"))
    again = novelty.of(page(f"<h1>December</h1>{evenings}"))
    assert first and again
    assert first.gain > 0.3
    assert again.gain == 0.0


def test_what_happened_outside_the_window_or_states_nothing_is_no_news():
    novelty = Novelty(WINDOW)
    assert novelty.of(page("<h1>Old</h1><p>4 December 2009, 19:30</p><p>Conductor: Ilva Calgard</p>")) is None
    assert novelty.of(page("<h1>Our bar</h1><p>Open daily.</p>")) is None


def test_days_without_a_time_say_no_more_than_one():
    days = "".join(f"<p>{day} October 2026</p>" for day in range(1, 13))
    tidings = Novelty(WINDOW).of(page(f"<h1>News</h1>{days}"))
    assert tidings and tidings.gain < 0.2


def test_numbers_alone_are_told_apart_by_where_they_are_linked():
    web, counts = frontier()
    season, news = "https://x.example/node/1", "https://x.example/node/2"
    for number in range(10, 22):
        for source, place, gain in ((season, "main li.show", 1.0), (news, "main li.item", 0.0)):
            url = f"https://x.example/node/{number + (100 if source == news else 0)}"
            candidate = web.weigh(Link(url, "", place), source)
            best = candidate and web.best_link(url, *candidate.reasons)
            if best:
                web.note(url)
                web.learn(best[1], gain)
    show = web.weigh(Link("https://x.example/node/900", "", "main li.show"), season)
    item = web.weigh(Link("https://x.example/node/901", "", "main li.item"), news)
    assert show and item
    assert show.priority > 80
    assert item.priority < 20
    assert counts["opera/links/unpromising"] > 0


@pytest.mark.parametrize(
    "credit", ["<b>Conductor</b> Ilva Calgard", "Conductor: Ilva Calgard", "<dl><dt>Conductor<dd>Ilva Calgard</dl>"]
)
def test_who_takes_part_is_news_however_it_is_set(credit: str):
    evening = "<p>4 December 2026, 19:30</p>"
    novelty = Novelty(WINDOW)
    novelty.of(page(evening))
    tidings = novelty.of(page(f"{evening}<p>{credit}</p>"))
    assert tidings and tidings.has_credits and tidings.gain > 0.1


def test_an_address_given_up_comes_back_with_a_better_link():
    web, _ = frontier()
    url, news, season = (f"https://x.example/node/{number}" for number in (7, 1, 2))
    poor = web.weigh(Link(url, "", "li.item"), news)
    assert poor
    for _ in range(30):
        web.learn(poor.groups, 0.0)
        web.learn(tuple("the rest"), 1.0)  # elsewhere the site does tell something
    assert web.best_link(url, *poor.reasons) is None
    rich_groups = tuple(group.replace("li.item", "li.show").replace(news, season) for group in poor.groups)
    for _ in range(10):
        web.learn(rich_groups, 1.0)
    rich = web.weigh(Link(url, "", "li.show"), season)
    assert rich
    assert web.best_link(url, *rich.reasons) is not None
    assert web.ask(url, rich.groups)
    assert web.best_link(url, *rich.reasons) is None


def test_each_page_without_news_makes_what_only_it_leads_to_worth_less():
    web, _ = frontier()
    months = [f"https://x.example/cal?m={number}" for number in range(9)]
    worth = []
    for here, following in pairwise(months):
        candidate = web.weigh(Link(following, "", "p.pager"), here)
        assert candidate
        worth.append(candidate.priority)
        web.read(following, has_news=False)
    assert worth == sorted(worth, reverse=True)
    assert worth[-1] < worth[0] / 4


def test_a_translation_found_out_about_while_it_waits_is_not_asked_for():
    web, counts = frontier()
    url = "https://x.example/stuecke/7"
    candidate = web.weigh(Link(url, "Tosca", "li"), HOME)
    assert candidate
    web.languages.choose([("de", url), ("en", "https://x.example/en/shows/7")])
    assert web.best_link(url, *candidate.reasons) is None
    assert counts["opera/links/other_language"] == 1


def test_an_address_like_no_other_leads_where_its_neighbours_in_the_list_lead():
    web, _ = frontier()
    season = "https://x.example/season"
    for number in range(6):
        candidate = web.weigh(Link(f"https://x.example/shows/{number}x", "", "ul li"), season)
        assert candidate
        web.learn(candidate.groups, 1.0)
    in_the_list = web.weigh(Link("https://x.example/go/1", "", "ul li"), season)
    elsewhere = web.weigh(Link("https://x.example/go/2", "", "footer"), season)
    assert in_the_list and elsewhere
    assert in_the_list.priority > 50 > elsewhere.priority


def test_a_tree_found_late_does_not_make_the_crawl_begin_anew():
    early, late = LanguageChoice(None, own="de"), LanguageChoice(None, own="de")
    early.tree("https://x.example/en/a")
    for number in range(10):
        for choice in (early, late):
            choice.learn(f"https://x.example/{number}", "de")
    late.tree("https://x.example/en/a")
    assert (early.is_other("de"), early.is_other("en")) == (True, False)
    assert (late.is_other("de"), late.is_other("en")) == (False, True)


def test_a_month_that_is_mostly_known_is_little_news():
    novelty = Novelty(WINDOW)
    known = "".join(f"<p>{day} December 2026, 19:30</p>" for day in range(1, 15))
    novelty.of(page(f"<h1>A new work</h1>{known}"))
    tours = "<p>20 December 2026, 11:00</p><p>21 December 2026, 11:00</p>"
    month, tidings = novelty.of(page(f"<h1>December</h1>{known}{tours}")), Novelty(WINDOW).of(page(tours))
    assert month and tidings
    assert month.gain < 0.1 < tidings.gain


def test_the_same_pages_count_once_however_many_groups_they_are_in():
    one, five = Yields(), Yields()
    for _ in range(3):
        one.learn(["kind"], 0.0)
        five.learn(["kind", "pattern", "place", "source", "page"], 0.0)
    assert one.expected(0.8, ["kind"]) == five.expected(0.8, ["kind", "pattern", "place", "source", "page"])


def test_another_view_of_a_page_is_named_by_what_it_changes():
    here = "https://x.example/list?genre=opera"
    assert pattern("https://x.example/list?genre=opera&view=grid", here) == "x.example/*?~view"
    assert pattern("https://x.example/list?genre=opera&view=grid") == "x.example/*?genre,view"


def test_a_parameter_that_once_made_a_difference_is_kept():
    parameters = Parameters()
    for night, content in ((1, "a"), (2, "b"), (3, "b"), (4, "b"), (5, "b")):
        parameters.see_page(f"https://x.example/tosca?night={night}", content)
    assert parameters.plain("https://x.example/tosca?night=9") == "https://x.example/tosca?night=9"


@pytest.mark.parametrize("form", ["/(S({0}))/{1}", "/{1}/~{0}"])
def test_a_session_in_the_path_is_known_when_the_next_page_has_another(form: str):
    parameters = Parameters()
    names = ("tosca", "aida", "cast/anna", "news/7", "visit")
    parameters.see_links(f"https://x.example{form.format('8f14e45fceea167a', name)}" for name in names)
    first = f"https://x.example{form.format('8f14e45fceea167a', 'tosca')}"
    assert parameters.plain(first) == first
    parameters.see_links(f"https://x.example{form.format('c9f0f895fb98ab91', name)}" for name in names)
    assert parameters.plain(first) == "https://x.example/tosca"


def test_a_folder_that_every_link_lies_in_is_no_session():
    parameters = Parameters()
    for _ in range(2):
        parameters.see_links(f"https://x.example/seasonof2026and2027/{number}" for number in range(9))
    assert parameters.plain("https://x.example/seasonof2026and2027/1").endswith("/seasonof2026and2027/1")


def test_a_language_in_every_link_is_no_session():
    parameters = Parameters()
    parameters.see_links(f"https://x.example/{number}?lang=en" for number in range(20))
    assert parameters.plain("https://x.example/1?lang=en") == "https://x.example/1?lang=en"


def test_two_houses_of_the_synthetic_web_are_found_whole_and_within_their_bounds():
    for result in measure([5, 37]):
        assert result.recall == 1.0
        assert result.useful_share >= 0.25
        assert result.requests <= result.bound


@pytest.mark.long
def test_the_synthetic_web_is_found_with_few_requests_and_the_best_pages_first():
    whole = totals(measure(houses()))
    assert whole["recall"] >= 0.98
    assert whole["useful_share"] >= 0.5
    assert whole["over_bound"] == 0
    assert totals(measure(houses(), max_pages=50))["order_share"] >= 0.9
