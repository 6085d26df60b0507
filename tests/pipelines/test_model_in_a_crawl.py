"""A crawl whose pages a model reads: the real spider, the real client, a local model server."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opera_spiders.outcomes import Outcome
from opera_spiders.warehouse.server import Server
from tests.crawls import Crawl, html
from tests.openai_server import NOTHING, OpenAIServer
from tests.politeness.local_host import LocalHost

KEY = "sk-a-key-nobody-may-see"
SHOWS = tuple(f"/shows/{number}" for number in range(8))


@pytest.fixture
def house(host: Callable[..., LocalHost]) -> LocalHost:
    return host({"/": html("Sample Opera", *SHOWS), **{path: html(f"Tosca {path[-1]}") for path in SHOWS}})


def settings(server: OpenAIServer) -> dict[str, str]:
    return {"OPERA_LLM_MODEL": "openai:gpt-4o-mini", "OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.url}


def test_the_model_reads_each_page_once(crawl: Callable[..., Crawl], house: LocalHost) -> None:
    with OpenAIServer(lambda _: NOTHING) as server:
        result = crawl(house.address, settings=settings(server))

    assert result.outcome is Outcome.FINISHED
    assert {row["extraction"]["llm_model"] for row in result.feed} == {"openai:gpt-4o-mini"}
    asked = {served.question.content for served in server.served}
    assert len(asked) == len(server.served) == len(result.urls)
    assert any(f"openai:gpt-4o-mini at {server.url}" in line for line in result.log)
    assert not any(KEY in line for line in result.log)


def test_a_key_that_is_refused_ends_the_crawl_and_leaves_its_pages_pending(
    crawl: Callable[..., Crawl], house: LocalHost, database: Server, database_url: str, rows: Callable[..., list[tuple]]
) -> None:
    on = {"OPERA_DATABASE": "on", "DATABASE_URL": database_url}
    with OpenAIServer(lambda _: NOTHING, lambda _: "unauthorized") as server:
        result = crawl(house.address, settings={**settings(server), **on})

    assert (result.outcome, result.outcome.exit_status) == (Outcome.FAILED, 1)
    assert "refuses the key (401" in result.line
    assert "Set OPENAI_API_KEY" in result.line
    assert not any(KEY in line for line in [*result.log, result.line])
    assert len(server.served) < len(SHOWS)
    ((staged,),) = rows("SELECT count(*) FROM staging.stg_scraped_pages")
    assert staged == result.stats["opera/pages/left_pending"] > 0
    assert rows("SELECT count(*) FROM staging.stg_llm_extractions") == [(0,)]


def test_a_spent_budget_ends_the_crawl_in_peace_and_leaves_the_rest_pending(
    crawl: Callable[..., Crawl], house: LocalHost, database: Server, database_url: str, rows: Callable[..., list[tuple]]
) -> None:
    on = {"OPERA_DATABASE": "on", "DATABASE_URL": database_url, "OPERA_LLM_CONCURRENCY": "1"}
    with OpenAIServer(lambda _: NOTHING) as server:
        result = crawl(house.address, settings={**settings(server), **on, "OPERA_LLM_BUDGET_USD": "0.001"})

    assert (result.outcome, result.outcome.exit_status) == (Outcome.BUDGET, 0)
    assert "OPERA_LLM_BUDGET_USD=0.001 is spent: 0.001" in result.line
    ((count, cost_usd, runs),) = rows(
        "SELECT count(*), sum(cost_usd), count(DISTINCT crawl_run_id) FROM staging.llm_calls"
    )
    assert 0 < count == len(server.served) < len(SHOWS)
    assert float(cost_usd) == pytest.approx(result.stats["opera/model/cost_usd"])
    assert runs == 1
    ((extracted,),) = rows("SELECT count(*) FROM staging.stg_llm_extractions")
    assert extracted == count
    assert result.stats["opera/pages/left_pending"] > 0
