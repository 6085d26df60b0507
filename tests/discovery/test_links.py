"""Links as the page means them."""

from __future__ import annotations

from opera_spiders.discovery.languages import LanguageChoice
from opera_spiders.discovery.links import Link, read_links

URL = "https://x.example/de/spielplan/"


def test_addresses_are_absolute_canonical_and_named_by_their_longest_anchor():
    page = '<a href="../tosca?utm_medium=x">Info</a><a href="/de/tosca#cast"><b>Tosca</b> Giacomo Puccini</a>'
    assert read_links(page, URL).links == (Link("https://x.example/de/tosca", "Tosca Giacomo Puccini"),)


def test_words_of_boxes_inside_a_link_are_words_of_their_own():
    box = '<a href="/x"><div>4 May 2027</div><div>Tosca</div></a><a href="/y">Don <b>C</b>arlo</a>'
    assert [link.anchor for link in read_links(box, URL).links] == ["4 May 2027 Tosca", "Don Carlo"]


def test_a_base_element_is_obeyed():
    assert read_links('<base href="/en/"><a href="tosca">T</a>', URL).links[0].url == "https://x.example/en/tosca"


def test_what_is_no_web_address_is_no_link():
    page = "".join(
        f'<a href="{href}">x</a>'
        for href in (
            "mailto:a@x.example",
            "javascript:void(0)",
            "file:///etc/passwd",
            "data:text/html,x",
            "http://[",
            "tel:1",
        )
    )
    assert read_links(page, URL).links == ()


def test_links_and_pages_that_ask_not_to_be_followed_are_not():
    page = '<meta name="ROBOTS" content="noindex, nofollow"><a rel="nofollow" href="/a">a</a><a href="/b">b</a>'
    links = read_links(page, URL)
    assert not links.may_follow
    assert [link.url for link in links.links] == ["https://x.example/b"]


def test_other_versions_and_the_canonical_address_are_kept_apart():
    page = (
        '<link rel="canonical" href="/de/spielplan"><link rel="alternate" hreflang="de-AT" href="/de/spielplan">'
        '<link rel="alternate" hreflang="en" href="/en/whats-on">'
        '<link rel="alternate" type="application/rss+xml" href="/feed">'
    )
    links = read_links(page, URL)
    assert links.alternates == (("de", "https://x.example/de/spielplan"), ("en", "https://x.example/en/whats-on"))
    assert links.canonical == "https://x.example/de/spielplan"
    assert links.links == ()


def test_text_that_is_no_html_has_no_links():
    assert read_links("", URL).links == ()
    assert read_links("\x00\x01", URL).links == ()


VERSIONS = [
    ("fr", "https://x.example/fr/a"),
    ("it", "https://x.example/it/a"),
    ("en", "https://x.example/en/a"),
    ("x-default", "https://x.example/it/a"),
]


def test_the_company_s_language_is_chosen_then_english_then_the_default():
    assert LanguageChoice("fr").choose(VERSIONS) == "https://x.example/fr/a"
    assert LanguageChoice("cs").choose(VERSIONS) == "https://x.example/en/a"
    assert LanguageChoice(None).choose([v for v in VERSIONS if v[0] != "en"]) == "https://x.example/it/a"


def test_a_language_has_a_tree_by_its_host_its_first_segment_or_what_its_pages_say():
    choice = LanguageChoice(None, own="es")
    for number in range(2):
        choice.learn(f"https://x.example/angol/{number}", "en")
        choice.learn(f"https://x.example/obra/{number}", "es")
    trees = {
        "https://en.x.example/tosca": "en",
        "https://x.example/en-gb/tosca": "en",
        "https://x.example/tosca?lang=en": "en",
        "https://x.example/angol/tosca": "en",
        "https://x.example/obra/tosca": "es",
    }
    assert {url: choice.tree(url) for url in trees} == trees


def test_one_version_is_no_choice():
    assert LanguageChoice(None).choose([("de", URL), ("x-default", URL)]) is None
    assert LanguageChoice(None).choose([]) is None


def test_a_tree_that_was_not_chosen_is_refused_as_a_whole():
    choice = LanguageChoice("fr")
    choice.choose(VERSIONS)
    assert choice.is_refused("https://x.example/it/b")
    assert not choice.is_refused("https://x.example/fr/b")
    assert not choice.is_refused("https://other.example/it/b")
