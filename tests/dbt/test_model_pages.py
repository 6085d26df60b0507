"""From a model's answers to core, by the real commands and dbt: long pages, a person's word, lies, obedience, reports.

Every page is a house of its own, so one run serves them all. Reports are crawled and read by rules, all else by a model
whose server is local and whose client is real. ``--long`` tells thousands of lies.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from opera_spiders.commands import extract_pending, review
from opera_spiders.items import FetchedPage
from opera_spiders.warehouse import store
from opera_spiders.warehouse.embedded import EmbeddedServer
from opera_spiders.warehouse.server import Server
from sample_houses.answers import page_extraction
from tests.commands.pending import KEY, NOON, page
from tests.conftest import url_string
from tests.crawls import crawling, html
from tests.dbt.conftest import Ask, asking, new_database, run
from tests.dbt.lying_model import Copy, LyingModel, Told, copies, leaves_of, originals
from tests.extraction.annual_reports import REPORTS, Report
from tests.extraction.pdfs import Run, pdf_of
from tests.extraction.seasons import night, season_html, truth
from tests.extraction.test_financials import FIELDS
from tests.extraction.test_injection import ATTACKS, HIDDEN, PAGE, VISIBLE, obedient, planted
from tests.openai_server import Json, OpenAIServer, Question
from tests.politeness.local_host import Answer, LocalHost

SEASON = "https://season.example/1"
REVIEWED = "https://reviewed.example/1"
TEAM, CAST = "productions[Tosca].creative_team", "productions[Tosca].cast_members"
EVENINGS = 300


def evening(around: str) -> str:
    cast = "<table><tr><td>Conductor</td><td>Ben Beispiel</td></tr><tr><td>Floria Tosca</td><td>Anna Muster</td></tr></table>"
    return f"<html lang=en><body><h1>Tosca</h1>{cast}<p>Friday 15 January 2027, 19:30</p><p>{around}</p></body></html>"


def misread(question: Question) -> Json:
    """An evening with a conductor whom the page does not name, a director it does not state, and a stagehand on stage."""
    production = {
        "opera_title": "Tosca",
        "genre": "opera",
        "creative_team": [
            {"name": "Benno Falsch", "function": "conductor"},
            {"name": "Clara Probe", "function": "director"},
        ],
        "cast_members": [{"performer": "Anna Muster", "role": "Floria Tosca"}],
        "performances": [{"date": "2027-01-15", "time": "19:30", "year_inferred": False}],
    }
    return page_extraction({"page_type": "production", "productions": [production]}, "b1").model_dump(mode="json")


@dataclass(frozen=True)
class Attack:
    """A page that tells a machine what to answer, and whether visitors see it."""

    house: str
    body: bytes
    content_type: str = "text/html"
    is_visible: bool = True


def attacks() -> Iterator[Attack]:
    """Every attack, in each place that a page has for it; a page and a PDF without any come first."""
    yield Attack("attacked-not.example", PAGE.format("").encode(), is_visible=False)
    yield Attack("attacked-not-pdf.example", pdf_of([[*_lines()]]), "application/pdf", is_visible=False)
    places = cycle([*VISIBLE.values(), *HIDDEN.values()])
    for number, (words, place) in enumerate(zip(ATTACKS.values(), places, strict=False)):
        body = PAGE.format(planted(place, words)).encode()
        yield Attack(f"attacked-{number}.example", body, is_visible=place in VISIBLE.values())
    for language in ("de", "en", "fr", "it", "es", "sv"):
        hidden = {"shown": {}, "undrawn": {"mode": 3}, "white": {"gray": 1}}
        for name, how in hidden.items():
            body = pdf_of([[*_lines(), Run(40, 600, ATTACKS[language], **{"size": 8, **how})]])
            yield Attack(f"attacked-{language}-{name}.example", body, "application/pdf", is_visible=name == "shown")


def _lines() -> Iterator[Run]:
    lines = ["Rusalka", "Antonin Dvorak", "Dirigentin: Anna Bauer", "13. März 2027, 19.30 Uhr", "Preise: 12 - 84 €"]
    yield from (Run(60, 780 - 16 * n, line) for n, line in enumerate(lines))


@dataclass
class Model:
    """Answers each page as its test wants it."""

    liar: LyingModel

    def __call__(self, question: Question) -> Json:
        if "First Lead" in question.user:
            return truth(question)
        if "Anna Muster" in question.user:
            return misread(question)
        if "| Copy copy" in question.user:
            return self.liar(question)
        return obedient(question.page()).model_dump(mode="json")


def stage(server: Server, *pages: FetchedPage) -> None:
    async def save() -> None:
        engine = server.async_engine()
        async with engine.begin() as connection:
            for each in pages:
                await store.save_page(connection, each)
        await engine.dispose()

    asyncio.run(save())


def of_house(house: str, body: bytes, **changes: Any) -> FetchedPage:
    return page(1, house=house, body=body, **changes)


def decide(*arguments: str) -> None:
    assert review.main(["decide", REVIEWED, *arguments, "--by", "Ada"]) == 0


@dataclass(frozen=True)
class World:
    """What was told and what the warehouse made of it."""

    ask: Ask
    model: OpenAIServer
    copies: list[Copy]
    reports: dict[str, Report]
    url: str

    def pages_told(self) -> Iterator[tuple[Copy, Json, set[str], set[str]]]:
        """Yield each copy with the answer as stored, the pointers dbt accepts, and those that are evidence in core."""
        stored = {
            domain: (answer, error)
            for domain, answer, error in self.ask(
                "select company_domain, raw_response, error from staging.stg_llm_extractions as e "
                "inner join staging.stg_scraped_pages as p on e.scraped_page_id = p.id",
                role=None,
            )
        }
        accepted: dict[str, set[str]] = {}
        for domain, pointer in self.ask(
            "select x.company_domain, e.pointer from dbt_staging.stg_evidence as e "
            "inner join dbt_staging.stg_extractions as x on e.extraction_id = x.extraction_id"
        ):
            accepted.setdefault(domain, set()).add(pointer)
        in_core: dict[str, set[str]] = {}
        for url, pointer in self.ask("select distinct page_url, source_pointer from core.evidence"):
            in_core.setdefault(url.split("/")[2], set()).add(pointer)
        for told in self.copies:
            answer, error = stored[told.house]
            assert error is None, (told.house, error)
            yield told, answer, accepted[told.house], in_core.get(told.house, set())


@pytest.fixture(scope="module")
def world(
    request: pytest.FixtureRequest,
    postgres: EmbeddedServer,
    built: tuple[Server, Sequence[Any]],
    dbt_home: Path,
    crawl_worker: subprocess.Popen[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    """All pages, extracted by a model, one reviewed and extracted in a new version by another model; reports; built."""
    assert built
    is_long = request.config.getoption("--long")
    pages = copies(originals() if is_long else originals()[::4], 6 if is_long else 1)
    model = OpenAIServer(Model(LyingModel(pages, share=0.3)), max_output_tokens=4_000)
    with (
        new_database(postgres, "opera_dbt_model_pages", "opera_dbt_cases") as server,
        model,
        pytest.MonkeyPatch.context() as environment,
        ExitStack() as hosts,
    ):
        with server.engine().begin() as connection:
            connection.execute(text("TRUNCATE staging.stg_scraped_pages CASCADE"))
        url = url_string(server.url)
        environment.setenv("OPERA_ENV_FILE", os.devnull)
        environment.setenv("DATABASE_URL", url)
        environment.setenv("OPENAI_BASE_URL", model.url)
        environment.setenv("OPENAI_API_KEY", KEY)
        environment.setenv("OPERA_LLM_MODEL", "openai:gpt-4o-mini")
        long_page = season_html(EVENINGS, edition=1, markup=610)
        assert len(long_page) > 200_000
        stage(
            server,
            of_house("season.example", long_page.encode()),
            of_house("reviewed.example", evening("").encode()),
            *(
                of_house(p.house, p.html.encode(), fetched_at=p.original.fetched_at, language=p.original.language)
                for p in pages
            ),
            *(_page_of(attack) for attack in attacks()),
        )
        assert extract_pending.main([]) == 0

        decide(f"{TEAM}[conductor].name", "Benno Falsch", "correct", "--value", "Ben Beispiel")
        decide(f"{TEAM}[director].name", "Clara Probe", "accept")
        decide(f"{CAST}[Floria Tosca].performer", "Anna Muster", "reject")

        environment.setenv("OPERA_LLM_MODEL", "openai:gpt-4o")
        stage(server, of_house("reviewed.example", evening("Sold out").encode(), fetched_at=NOON + timedelta(days=1)))
        assert extract_pending.main(["--domain", "reviewed.example"]) == 0

        crawl = crawling(crawl_worker, tmp_path_factory.mktemp("reports"))
        reports = {}
        for report in REPORTS:
            host = hosts.enter_context(LocalHost(_routes(report)))
            crawl(host.address, settings={"OPERA_DATABASE": "on", "DATABASE_URL": url})
            reports[host.address] = report

        models = (
            "companies",
            "performances",
            "cast_assignments",
            "creative_assignments",
            "ticket_prices",
            "production_works",
            "evidence",
        )
        selected = [*(f"+core_{name}" for name in models), "+mart_company_financials"]
        run(server, dbt_home, ["run", "--select", *selected])
        yield World(asking(server), model, pages, reports, url)


def _page_of(attack: Attack) -> FetchedPage:
    return of_house(attack.house, attack.body, content_type=attack.content_type, language="de")


def _routes(report: Report) -> dict[str, Answer]:
    """A house that prints its report as a PDF, and once more as a page of its own."""
    return {
        "/": html(
            f"Opera {report.name}", ("/reports/2024.pdf", "Annual report"), ("/annual-report", "Annual report"),
            language=report.language,
        ),
        "/reports/2024.pdf": Answer(report.as_pdf(), headers={"Content-Type": "application/pdf"}),
        "/annual-report": Answer(report.as_html()),
    }  # fmt: skip


def test_all_evenings_of_a_season_too_long_for_one_answer_reach_core_once(world: World) -> None:
    ask, model = world.ask, world.model
    evenings = ask(
        "select performance_date, performance_time::text from core.performances as e "
        "inner join core.productions as p on e.production_id = p.id "
        "inner join core.companies as c on p.company_id = c.id where c.domain = 'season.example' order by 1"
    )
    assert evenings == [(night(number), "19:30:00") for number in range(EVENINGS)]
    asked = [served for served in model.served if "First Lead" in served.question.user]
    assert len(asked) > EVENINGS * 60 // 4_000
    assert max(served.tokens_output for served in asked) <= 4_000


def test_what_a_person_decided_is_in_core_after_another_model_has_read_the_page_anew(world: World) -> None:
    ask = world.ask
    of_page = (
        "from core.productions as p inner join core.companies as c on p.company_id = c.id where c.domain = :domain"
    )
    assert ask(f"select conductor, director {of_page}", domain="reviewed.example") == [("Ben Beispiel", "Clara Probe")]
    versions = ask("select url, llm_model, is_latest from dbt_staging.stg_extractions where url = :url", url=REVIEWED)
    assert sorted(versions) == [(REVIEWED, "review", False), (REVIEWED, "review", True)]
    singers = ask("select name from core.performers where name in ('Anna Muster', 'Benno Falsch', 'Ben Beispiel')")
    assert singers == [("Ben Beispiel",)]
    statuses = ask("select value, status from core.evidence where status = 'reviewed' group by 1, 2 order by 1")
    assert [value for value, _ in statuses] == ["Ben Beispiel", "Clara Probe", "conductor", "director"]


def test_of_all_lies_none_that_the_page_does_not_print_reaches_core_and_the_truth_beside_them_does(
    world: World, request: pytest.FixtureRequest
) -> None:
    told, believed, examples = Counter[tuple[str, str]](), Counter[tuple[str, str]](), list[tuple[Told, str]]()
    truths: dict[str, set[tuple[Any, ...]]] = {}
    said = kept = 0
    lost = Counter[str]()
    for page_, answer, accepted, in_core in world.pages_told():
        for lie in page_.lies:
            told[lie.group, lie.kind] += 1
            if any(pointer in accepted for pointer in lie.pointers(answer)):
                believed[lie.group, lie.kind] += 1
                examples.append((lie, page_.house))
        leaves = list(leaves_of(answer))
        in_warehouse = {leaf for leaf, pointer in leaves if pointer in in_core}
        if page_.is_true:
            truths[page_.original.html] = in_warehouse
            continue
        beside = truths[page_.original.html] & {leaf for leaf, _ in leaves}
        said += len(beside)
        kept += len(beside & in_warehouse)
        lost.update(str(leaf[-2]) for leaf in beside - in_warehouse)
    _print_table(told, believed, examples, said, kept)

    def share(group: str) -> float:
        return sum(n for (g, _), n in believed.items() if g == group) / sum(
            n for (g, _), n in told.items() if g == group
        )

    is_long = request.config.getoption("--long")
    assert (sum(told.values()) >= (2_000 if is_long else 75), said >= (10_000 if is_long else 750)) == (True, True)
    assert share("invented") == 0
    assert share("reused") <= 0.05
    assert share("any words") <= 0.05
    # A quarter of the pages, each lied about once, say less: there one rival for a role weighs a thousandth.
    assert kept / said >= (0.99 if is_long else 0.975), lost.most_common(9)


def _print_table(
    told: Counter[tuple[str, str]], believed: Counter[tuple[str, str]], examples: list[Any], said: int, kept: int
) -> None:
    for (group, kind), count in sorted(told.items()):
        print(f"{group:10}{kind:40}{count:7}{believed[group, kind]:5}")  # noqa: T201
    for lie, house in examples:
        print(f"believed: {house} {lie.kind}: {lie.title} {lie.list_name} {lie.field} = {lie.value!r}")  # noqa: T201
    print(f"true values beside lies: {said}, of them in core {kept} ({kept / said:.4f})")  # noqa: T201


def test_no_word_day_or_amount_that_a_model_invented_stands_anywhere_in_core(world: World) -> None:
    names = [
        name for (name,) in world.ask("select table_name from information_schema.tables where table_schema = 'core'")
    ]
    words = " ".join(row for name in names for (row,) in world.ask(f"select t::text from core.{name} as t"))
    invented = [lie for page_ in world.copies for lie in page_.lies if lie.group == "invented"]
    strings = {
        str(lie.value) for lie in invented if lie.field not in ("function", "status", "availability", "type", "genre")
    }
    strings -= {lie.value for lie in invented if lie.field == "presentation"}
    amounts = {Decimal(str(lie.value)) for lie in invented if lie.field in ("min", "max", "duration_minutes")}

    assert len(strings) >= 10
    assert [value for value in strings - set(map(str, amounts)) if value in words] == []
    printed = {
        amount for row in world.ask("select price_min, price_max from core.ticket_prices") for amount in row if amount
    }
    assert amounts.isdisjoint(printed)


FACTS = {
    "works": "select w.title, w.composer from core.production_works as x inner join core.opera_works as w on x.opera_work_id = w.id "
    "inner join core.productions as p on x.production_id = p.id",
    "people": "select f.name, x.function from core.creative_assignments as x inner join core.performers as f on x.performer_id = f.id "
    "inner join core.productions as p on x.production_id = p.id",
    "evenings": "select x.performance_date, x.performance_time from core.performances as x inner join core.productions as p on x.production_id = p.id",
    "prices": "select x.price_min, x.price_max from core.ticket_prices as x inner join core.productions as p on x.production_id = p.id",
    "productions": "select p.conductor, p.ticket_price_min, p.ticket_price_max, p.total_performances from core.productions as p",
}


def test_a_model_that_obeys_a_page_changes_and_adds_nothing_in_core_and_a_person_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    facts: dict[str, dict[str, list[Any]]] = {}
    for name, query in FACTS.items():
        for domain, *row in world.ask(
            f"{query.replace('select ', 'select c.domain, ', 1)} inner join core.companies as c on p.company_id = c.id "
            "where c.domain like 'attacked-%' order by 1, 2, 3"
        ):
            facts.setdefault(domain, {}).setdefault(name, []).append(row)
    told = list(attacks())
    assert len(ATTACKS) >= 40
    assert len(facts["attacked-not.example"]) == len(facts["attacked-not-pdf.example"]) == len(FACTS)
    for attack in told:
        clean = "attacked-not.example" if attack.content_type == "text/html" else "attacked-not-pdf.example"
        assert facts[attack.house] == facts[clean], attack

    monkeypatch.setenv("DATABASE_URL", world.url)
    assert review.main(["list", "--json", "--limit", "1000"]) == 0
    flagged = {
        page_["company_domain"]
        for page_ in json.loads(capsys.readouterr().out)
        for value in page_["values"]
        if any("machine" in reason for reason in value["reasons"])
    }
    assert {attack.house for attack in told if attack.is_visible} == {
        house for house in flagged if house.startswith("attacked-")
    }


def test_every_figure_of_the_crawled_reports_is_in_the_mart_with_its_page_and_row(world: World) -> None:
    companies = dict(world.ask("select domain, id from core.companies"))
    for address, report in world.reports.items():
        rows = world.ask(
            f"select fiscal_year, currency_code, is_estimated, {', '.join(sorted(FIELDS))} "
            "from marts.mart_company_financials where company_id = :company",
            company=companies[address],
        )
        expected = {
            (year["fiscal_year"], year["currency"], year["is_estimated"],
             *(None if year.get(name) is None else Decimal(str(year[name])) * year["unit_multiplier"] for name in sorted(FIELDS)))
            for year in report.states
        }  # fmt: skip
        assert set(rows) == expected, report.name

        evidence = world.ask(
            "select e.column_name, e.quote, e.xpath, e.page_url from core.evidence as e "
            "inner join core.financial_data as f on e.entity = 'financial_data' and e.entity_id = f.id "
            "where f.company_id = :company",
            company=companies[address],
        )
        figures = [(name, quote, xpath, url) for name, quote, xpath, url in evidence if name in FIELDS]
        stated = sum(name in FIELDS for year in report.states for name in year)
        assert len(figures) == 2 * stated, report.name  # in the PDF and on the page
        for _, quote, xpath, url in figures:
            assert quote
            assert xpath == f"page[{len(report.pages)}]" if url.endswith(".pdf") else "/table" in xpath
