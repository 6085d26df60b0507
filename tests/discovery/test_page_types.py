"""What an address leads to, in the languages of the houses."""

from __future__ import annotations

import csv
from importlib import resources

import pytest

from opera_spiders.discovery.page_types import EXPECTED, guess_link, guess_page, names_an_opera
from opera_spiders.extraction.blocks import read_blocks


@pytest.mark.parametrize(
    ("url", "anchor", "kind"),
    [
        ("https://x.example/", "", "other"),
        ("https://x.example/whats-on", "", "calendar"),
        ("https://x.example/whats-on/tosca", "", "production"),
        ("https://x.example/en/whats-on/2026-11-24", "", "calendar"),
        ("https://x.example/spielplan/april-2027", "", "calendar"),
        ("https://x.example/de/spielplan/der-freischuetz", "", "production"),
        ("https://x.example/produktionen/ein-neues-stueck", "", "production"),
        ("https://x.example/index.php?produktion=127", "", "production"),
        ("https://x.example/saison.html", "", "season"),
        ("https://x.example/spectacles/soiree-de-gala.html", "", "production"),
        ("https://x.example/stagione/2026-2027", "", "season"),
        ("https://x.example/temporada/opera/nueva-obra", "", "production"),
        ("https://x.example/repertoar/rusalka", "", "production"),
        ("https://x.example/eloadas/bank-ban", "", "production"),
        ("https://x.example/spektakle/halka", "", "production"),
        ("https://x.example/афиша/евгений-онегин", "", "production"),
        ("https://x.example/event/stagione-25-26-lohengrin/", "", "production"),
        ("https://x.example/stagione/2025-2026/balletto/gala-rossi.html", "", "production"),
        ("https://x.example/spielplan/stuecke/stid/ein-neues-stueck/55486.html", "", "production"),
        ("https://x.example/en/calendar/ballet", "", "season"),
        ("https://x.example/de", "Oper Musterstadt", "other"),
        ("https://x.example/junge-oper-musterstadt", "", "other"),
        ("https://shop.x.example/spielplan/fidelio", "", "noise"),
        ("https://x.example/node/17", "La Bohème", "production"),
        ("https://x.example/node/18", "Kalender", "calendar"),
        ("https://x.example/?p=17", "La Bohème", "production"),
        ("https://x.example/?p=18", "Kalender", "calendar"),
        ("https://x.example/?lang=en", "EN", "other"),
        ("https://x.example/ensemble/anna-bell", "", "artist"),
        ("https://x.example/ueber-uns", "", "company"),
        ("https://x.example/downloads/doc-12.pdf", "Jahresbericht 2025", "financial"),
        ("https://x.example/trasparenza/bilancio-2024", "", "financial"),
        ("https://x.example/archiv/2009/tosca", "", "archive"),
        ("https://x.example/spielplan/warenkorb", "", "noise"),
        ("https://x.example/privacy-policy", "", "noise"),
        ("https://x.example/wp-login.php", "", "noise"),
        ("https://x.example/whats-on/the-barber-of-seville-video", "", "production"),
    ],
)
def test_a_link_is_what_its_words_say(url: str, anchor: str, kind: str):
    assert guess_link(url, anchor).page_type == kind


def test_productions_come_before_lists_and_lists_before_the_rest():
    order = [
        guess_link(f"https://x.example/{path}").expected
        for path in (
            "shows/tosca",
            "shows/a-new-work",
            "season",
            "calendar",
            "something",
            "about-us",
            "artists/anna-bell",
        )
    ]
    assert order == sorted(order, reverse=True)
    assert len(set(order)) == len(order)


def test_a_title_counts_only_as_whole_words():
    assert names_an_opera("Premiere: Die Zauberflöte")
    assert names_an_opera("Lulu")
    assert not names_an_opera("Hallulu land")
    assert not names_an_opera("")


def test_every_word_of_the_vocabulary_has_a_known_kind_and_is_listed_once():
    with resources.files("opera_spiders.data").joinpath("link_words.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["page_type"] for row in rows} <= set(EXPECTED)
    keys = [(row["language"], row["word"]) for row in rows]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("url", "body", "page_type"),
    [
        ("https://x.example/", "<h1>Tosca tonight</h1>", "company"),
        ("https://x.example/node/17", "<h1>Così fan tutte</h1><p>von Mozart</p>", "production"),
        ("https://x.example/node/18", "<h1>Kalender</h1><p>November</p>", "calendar"),
        ("https://x.example/node/19", "<h1>Our bar</h1><p>open daily</p>", "other"),
        ("https://x.example/archiv/2024", "<h1>Archiv</h1><p>x</p>", "season"),
    ],
)
def test_a_page_is_what_it_says_itself(url: str, body: str, page_type: str):
    assert guess_page(url, read_blocks(f"<main>{body}</main>".encode(), "text/html", url)) == page_type


def test_a_page_with_one_structured_event_is_a_production():
    body = (
        '<script type="application/ld+json">{"@context": "https://schema.org", "@type": "TheaterEvent", '
        '"name": "A new work", "startDate": "2026-12-01T19:00"}</script><h1>A new work</h1>'
    )
    url = "https://x.example/node/20"
    assert guess_page(url, read_blocks(body.encode(), "text/html", url)) == "production"
