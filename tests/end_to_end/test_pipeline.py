from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from opera_spiders.extraction.evaluate import Example, Report, compare
from opera_spiders.extraction.evaluated_facts import taken
from opera_spiders.extraction.extractor import Extraction
from sample_houses.server import SampleHouses, expected
from tests.end_to_end.conftest import UNHURRIED, Opera, kill


def mart_rows(opera: Opera, columns: list[str]) -> list[dict[str, str]]:
    rows = opera.rows(f"select {', '.join(columns)} from marts.mart_production_summary")
    return [dict(zip(columns, ("" if value is None else str(value) for value in row), strict=True)) for row in rows]


def test_the_mart_holds_what_the_sample_houses_print(undisturbed: Opera, expected_mart: list[dict[str, str]]) -> None:
    rows = mart_rows(undisturbed, list(expected_mart[0]))

    def same_amounts(row: dict[str, str]) -> list[tuple[str, str]]:
        return [
            (name, f"{float(value):.2f}" if value and name in ("ticket_price_min", "ticket_price_max") else value)
            for name, value in row.items()
        ]

    assert sorted(map(same_amounts, rows)) == sorted(map(same_amounts, expected_mart))


def test_the_rules_read_every_value_that_a_crawled_page_states_and_invent_none(
    undisturbed: Opera, sample_houses: SampleHouses, domains: list[str]
) -> None:
    report = Report()
    compared = 0
    for house in sample_houses.houses:
        answers = expected(house)
        for url, answer, evidence in undisturbed.rows(
            "select url, raw_response, evidence from staging.stg_llm_extractions as extraction "
            "join staging.stg_scraped_pages as page on page.id = extraction.scraped_page_id "
            f"where company_domain = '{house.domain}' order by url"
        ):
            path = urlsplit(url).path
            read = taken(Extraction("", "rules", raw_response=answer, evidence=evidence))
            compare(report, url, house.language, Example(Path(path), answers[path], is_gold=False), read)
            compared += 1
    assert compared >= 36
    assert report.confusions == []


def test_a_second_run_adds_no_page_asks_no_extractor_and_leaves_the_tables_as_they_are(
    undisturbed: Opera, sample_houses: SampleHouses, domains: list[str]
) -> None:
    counts = (
        "select (select count(*) from staging.stg_scraped_pages), (select count(*) from staging.stg_llm_extractions)"
    )
    before, tables, requests = undisturbed.rows(counts), undisturbed.tables("core", "marts"), len(sample_houses.log)

    status, output = undisturbed.command("run_pipeline", *domains, "--jobs", "2", *UNHURRIED)

    assert status == 0, output
    assert undisturbed.rows(counts) == before
    assert undisturbed.tables("core", "marts") == tables
    asked = {request.path for request in sample_houses.log[requests:]}
    assert asked <= {"/robots.txt", "/sitemap.xml", "/sitemap_index.xml", "/.well-known/tdmrep.json"}
    assert undisturbed.value(
        "select max((stats ->> 'opera/pages/extracted')::int) from (select stats from staging.crawl_runs "
        f"order by started_at desc limit {len(domains)}) last_runs"
    ) in (0, None)


def test_killed_while_crawling_extracting_and_building_it_ends_in_the_same_tables(
    new_opera: Callable[..., Opera], undisturbed: Opera, domains: list[str]
) -> None:
    opera = new_opera()
    for domain in domains:
        crawl = opera.start("scrapy", "crawl", "opera", "-a", f"domain={domain}", *UNHURRIED, "-s", "LOG_LEVEL=DEBUG")
        assert crawl.stdout
        # Each house dies at another station of its third page.
        station = ("Crawled (200)", "Done with")[domains.index(domain) % 2]
        seen = 0
        for line in crawl.stdout:
            seen += station in line
            if seen == 3:
                break
        kill(crawl)
    opera.execute("delete from staging.stg_llm_extractions")
    extraction = opera.start("opera_spiders.commands.extract_pending")
    stored = "select count(*) from staging.stg_llm_extractions"
    while opera.value(stored) < 2:
        assert extraction.poll() is None, extraction.communicate()
    kill(extraction)
    assert opera.value(stored) < opera.value("select count(*) from staging.stg_scraped_pages")
    build = opera.start("opera_spiders.commands.run_dbt")
    assert build.stdout
    for _, _line in zip(range(5), build.stdout, strict=False):
        pass
    kill(build)

    status, output = opera.command("run_pipeline", *domains, "--jobs", "2", *UNHURRIED)

    assert status == 0, output
    assert opera.tables("core", "marts") == undisturbed.tables("core", "marts")
    assert not opera.rows("select url from staging.stg_scraped_pages group by url, checksum having count(*) > 1")
