"""However answers arrive, are given anew, corrected, rewritten or removed: what is built step by step is what is built anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select, text

from opera_spiders.warehouse.embedded import EmbeddedServer
from opera_spiders.warehouse.server import Server
from opera_spiders.warehouse.tables import stg_llm_extractions as extractions
from opera_spiders.warehouse.tables import stg_scraped_pages
from tests.conftest import TEMPLATE
from tests.dbt.cases import CASES
from tests.dbt.conftest import new_database, run
from tests.dbt.pages import store

# Everything else is built from these at every run.
TABLES = ("stg_objects", "stg_leaves")
# A case costs four to six runs of dbt, some seconds each.
CASES_COUNT = {"short": 1, "long": 200}

steps = st.tuples(
    st.sampled_from(
        ["staged", "read again", "reviewed", "error", "answered", "rewritten", "held back", "unread", "gone"]
    ),
    st.integers(0, len(CASES) - 1),
)
batches = st.lists(st.lists(steps, min_size=1, max_size=12), min_size=2, max_size=4)


@pytest.fixture(scope="module")
def warehouse(postgres: EmbeddedServer) -> Iterator[Server]:
    with new_database(postgres, "opera_incremental", TEMPLATE) as server:
        yield server


def apply(connection: Connection, kind: str, number: int) -> None:
    """Do to staging what a crawl, an extractor or a person does. Errors are answered later; answers are rewritten in place."""
    page = CASES[number]
    later = {
        "read again": replace(page, extraction_version="v2", extracted_at=page.scraped_at + timedelta(days=1)),
        "reviewed": replace(page, llm_model="review", extraction_version="review"),
        "error": replace(page, answer=None, extraction_version="v3"),
        "staged": page,
    }.get(kind)
    changes = {
        "answered": "update staging.stg_llm_extractions as e set error = null, raw_response = o.raw_response,"
        " evidence = o.evidence from staging.stg_llm_extractions as o"
        " where e.scraped_page_id = :id and e.error is not null and o.scraped_page_id = :id and o.extraction_version = 'v1'",
        "rewritten": "update staging.stg_llm_extractions set evidence = '{}' where scraped_page_id = :id",
        "held back": "update staging.stg_llm_extractions"
        """ set validation_errors = '[{"pointer": "/productions/0", "error": "refused"}]' where scraped_page_id = :id""",
        "unread": "delete from staging.stg_llm_extractions where scraped_page_id = :id and llm_model = 'rules'",
        "gone": "delete from staging.stg_scraped_pages where id = :id",
    }
    if later is None:
        connection.execute(text(changes[kind]), {"id": page.page_id})
    elif not connection.scalar(select(stg_scraped_pages.c.id).where(stg_scraped_pages.c.id == page.page_id)):
        store(connection, [later])
    else:
        row = later.extraction()
        same = {name: row[name] for name in ("scraped_page_id", "extraction_version")}
        if not connection.scalar(select(extractions.c.id).filter_by(**same)):
            connection.execute(insert(extractions), row)


def contents(server: Server) -> dict[str, list[Any]]:
    with server.engine().connect() as connection:
        return {
            table: list(connection.scalars(text(f"select t::text from dbt_staging.{table} as t order by 1")))
            for table in TABLES
        }


def build(server: Server, home: Path, *arguments: str) -> None:
    results = run(server, home, ["run", "--select", "stg_answers", *TABLES, *arguments])
    assert {str(result.status) for result in results} == {"success"}


def test_step_by_step_is_as_built_anew(warehouse: Server, dbt_home: Path, pytestconfig: pytest.Config) -> None:
    @settings(
        max_examples=CASES_COUNT["long" if pytestconfig.getoption("--long") else "short"],
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(batches)
    def check(arrivals: list[list[tuple[str, int]]]) -> None:
        with warehouse.engine().begin() as connection:
            connection.execute(text("truncate staging.stg_scraped_pages cascade"))
        for batch in arrivals:
            with warehouse.engine().begin() as connection:
                for kind, number in batch:
                    apply(connection, kind, number)
            build(warehouse, dbt_home)
        step_by_step = contents(warehouse)
        build(warehouse, dbt_home, "--full-refresh")
        assert contents(warehouse) == step_by_step

    check()


def test_an_answer_is_read_once(warehouse: Server, dbt_home: Path) -> None:
    with warehouse.engine().begin() as connection:
        connection.execute(text("truncate staging.stg_scraped_pages cascade"))
        store(connection, CASES[:3])
    build(warehouse, dbt_home)
    places = "select ctid::text from dbt_staging.stg_objects where extraction_id = :id"
    before = _column(warehouse, places, id=CASES[0].extraction()["id"])
    with warehouse.engine().begin() as connection:
        store(connection, CASES[3:5])
        apply(connection, "rewritten", 1)
    build(warehouse, dbt_home)
    assert before
    assert _column(warehouse, places, id=CASES[0].extraction()["id"]) == before


def _column(server: Server, statement: str, **parameters: Any) -> list[Any]:
    with server.engine().connect() as connection:
        return list(connection.scalars(text(statement), parameters))
