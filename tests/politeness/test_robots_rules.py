from __future__ import annotations

import time

import pytest

from opera_spiders.politeness.robots_rules import MAX_BYTES, RobotsRules

from .rfc9309_cases import RULE_CASES

SITE = "https://opera.example"


def read(robots: str | bytes) -> RobotsRules:
    return RobotsRules.parse(robots if isinstance(robots, bytes) else robots.encode(), "OperaResearchBot")


@pytest.mark.parametrize("case", RULE_CASES, ids=lambda case: f"{case.section} {case.sentence}")
def test_rfc_9309(case):
    rules = read(case.robots)
    assert [path for path in case.allowed if not rules.allows(SITE + path)] == []
    assert [path for path in case.denied if rules.allows(SITE + path)] == []


def test_other_records_are_kept():
    rules = read(
        "Sitemap: https://opera.example/a.xml\nUser-agent: other\nContent-Signal: ai-input=no\nCrawl-delay: 300\n"
        "User-agent: *\nCrawl-delay: 2.5\nContent-Signal: search=yes, ai-train=no\nDisallow:\n"
        "License: https://opera.example/rsl.xml\nsitemap: https://opera.example/b.xml"
    )
    assert rules.sitemaps == ("https://opera.example/a.xml", "https://opera.example/b.xml")
    assert rules.licenses == ("https://opera.example/rsl.xml",)
    assert rules.crawl_delay_seconds == 2.5
    assert rules.content_signals == ("search=yes, ai-train=no",)


@pytest.mark.parametrize("value", ["", "-1", "1e9", "soon", "nan", "9999999999", "1.5.2"])
def test_a_crawl_delay_that_is_no_number_says_nothing(value):
    assert read(f"User-agent: *\nCrawl-delay: {value}").crawl_delay_seconds is None


def test_a_line_cut_by_the_limit_is_not_read():
    start = b"User-agent: *\nDisallow: /a\n"
    filler = b"#" * (MAX_BYTES - len(start) - len(b"\nDisallow: /")) + b"\nDisallow: /b"
    rules = read(start + filler)
    assert len(start + filler) > MAX_BYTES
    assert not rules.allows(SITE + "/a")
    assert rules.allows(SITE + "/c")


def test_a_hostile_pattern_costs_little():
    rules = read("User-agent: *\nDisallow: /" + "*a" * 2000 + "$")
    began = time.process_time()
    assert rules.allows(SITE + "/" + "a" * 4000 + "b")
    assert time.process_time() - began < 0.2
