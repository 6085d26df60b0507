"""From a model's answers to core, by the real commands and dbt: a season too long for one answer, and a person's word."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from datetime import timedelta
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
from tests.dbt.conftest import Ask, asking, new_database, run
from tests.extraction.seasons import night, season_html, truth
from tests.openai_server import Json, OpenAIServer, Question

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


def answer(question: Question) -> Json:
    return misread(question) if "Anna Muster" in question.user else truth(question)


def stage(server: Server, *pages: FetchedPage) -> None:
    async def save() -> None:
        engine = server.async_engine()
        async with engine.begin() as connection:
            for each in pages:
                await store.save_page(connection, each)
        await engine.dispose()

    asyncio.run(save())


def of_house(house: str, html: str, **changes: Any) -> FetchedPage:
    return page(1, house=house, body=html.encode(), **changes)


def decide(*arguments: str) -> None:
    assert review.main(["decide", REVIEWED, *arguments, "--by", "Ada"]) == 0


@pytest.fixture(scope="module")
def read(
    postgres: EmbeddedServer, built: tuple[Server, Sequence[Any]], dbt_home: Path
) -> Iterator[tuple[Ask, OpenAIServer]]:
    """Both pages, extracted by a model, reviewed, extracted in a new version by another model, and built."""
    assert built
    model = OpenAIServer(answer, max_output_tokens=4_000)
    with (
        new_database(postgres, "opera_dbt_model_pages", "opera_dbt_cases") as server,
        model,
        pytest.MonkeyPatch.context() as environment,
    ):
        with server.engine().begin() as connection:
            connection.execute(text("TRUNCATE staging.stg_scraped_pages CASCADE"))
        environment.setenv("OPERA_ENV_FILE", os.devnull)
        environment.setenv("DATABASE_URL", url_string(server.url))
        environment.setenv("OPENAI_BASE_URL", model.url)
        environment.setenv("OPENAI_API_KEY", KEY)
        environment.setenv("OPERA_LLM_MODEL", "openai:gpt-4o-mini")
        html = season_html(EVENINGS, edition=1, markup=610)
        assert len(html) > 200_000
        stage(server, of_house("season.example", html), of_house("reviewed.example", evening("")))
        assert extract_pending.main([]) == 0

        decide(f"{TEAM}[conductor].name", "Benno Falsch", "correct", "--value", "Ben Beispiel")
        decide(f"{TEAM}[director].name", "Clara Probe", "accept")
        decide(f"{CAST}[Floria Tosca].performer", "Anna Muster", "reject")

        environment.setenv("OPERA_LLM_MODEL", "openai:gpt-4o")
        stage(server, of_house("reviewed.example", evening("Sold out"), fetched_at=NOON + timedelta(days=1)))
        assert extract_pending.main(["--domain", "reviewed.example"]) == 0
        models = ("companies", "performances", "cast_assignments", "evidence")
        run(server, dbt_home, ["run", "--select", *(f"+core_{name}" for name in models)])
        yield asking(server), model


def test_all_evenings_of_a_season_too_long_for_one_answer_reach_core_once(read: tuple[Ask, OpenAIServer]) -> None:
    ask, model = read
    evenings = ask(
        "select performance_date, performance_time::text from core.performances as e "
        "inner join core.productions as p on e.production_id = p.id "
        "inner join core.companies as c on p.company_id = c.id where c.domain = 'season.example' order by 1"
    )
    assert evenings == [(night(number), "19:30:00") for number in range(EVENINGS)]
    asked = [served for served in model.served if "Anna Muster" not in served.question.user]
    assert len(asked) > EVENINGS * 60 // 4_000
    assert max(served.tokens_output for served in asked) <= 4_000


def test_what_a_person_decided_is_in_core_after_another_model_has_read_the_page_anew(
    read: tuple[Ask, OpenAIServer],
) -> None:
    ask, _ = read
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
