"""What the crawl's statements promise, on a real database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from opera_spiders.extraction.blocks import read_blocks
from opera_spiders.extraction.extractor import Extraction
from opera_spiders.items import FetchedPage
from opera_spiders.warehouse import store
from opera_spiders.warehouse.server import Server

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "https://opera.example/tosca"
HOUSE = "opera.example"

Rows = Callable[..., list[tuple[Any, ...]]]


def page(words: str = "Tosca", minutes: int = 0, **changes: Any) -> FetchedPage:
    """A page that says ``words``, fetched ``minutes`` after noon."""
    body = f"<html><body><main><p>{words}</p></main></body></html>".encode()
    fetched = FetchedPage(
        url=URL,
        company_domain=HOUSE,
        fetched_at=NOON + timedelta(minutes=minutes),
        status_code=200,
        response_headers={"content-type": "text/html"},
        body=body,
        text=body.decode(),
        content_type="text/html",
        page_type="production",
        language="en",
        etag=None,
        last_modified=None,
        rendered=False,
        rights={},
        body_checksum="b",
        blocks=read_blocks(body, "text/html", URL),
    )
    return replace(fetched, **changes)


def answer(version: str = "v1", llm_model: str = "rules", **raw: Any) -> Extraction:
    return Extraction(version, llm_model, raw_response=raw or {"productions": []}, confidence_score=Decimal("0.9"))


def failure(version: str = "v1", llm_model: str = "rules") -> Extraction:
    return Extraction(version, llm_model, error="no answer")


async def save(engine: AsyncEngine, *fetched: FetchedPage) -> list[UUID]:
    saved = []
    for each in fetched:
        async with engine.begin() as connection:
            saved.append(await store.save_page(connection, each))
    return saved


async def extract(engine: AsyncEngine, page_id: UUID, *extractions: Extraction) -> None:
    for each in extractions:
        async with engine.begin() as connection:
            await store.save_extraction(connection, page_id, each)


async def claim(
    engine: AsyncEngine, worker: str, version: str = "v1", lease_seconds: int = 60, limit: int = 10, **options: Any
) -> list[UUID]:
    async with engine.begin() as connection:
        claimed = await store.claim_pending(connection, version, "rules", worker, lease_seconds, limit, **options)
    return [each.page_id for each in claimed]


# Pages


async def test_content_that_returns_to_an_older_state_is_a_new_version(async_engine: AsyncEngine, rows: Rows) -> None:
    first, second, third = await save(async_engine, page("A"), page("B", 1), page("A", 2))
    assert len({first, second, third}) == 3
    assert len(rows("SELECT FROM staging.stg_scraped_pages")) == 3


async def test_unchanged_content_moves_last_seen_at_and_no_more(async_engine: AsyncEngine, rows: Rows) -> None:
    first, second = await save(async_engine, page(), page(minutes=5))
    assert first == second
    assert rows("SELECT scraped_at, last_seen_at FROM staging.stg_scraped_pages") == [
        (NOON, NOON + timedelta(minutes=5))
    ]


async def test_a_sighting_that_arrives_late_moves_nothing_back(async_engine: AsyncEngine, rows: Rows) -> None:
    await save(async_engine, page(minutes=9, etag="new"), page(minutes=5, etag="old"))
    assert rows("SELECT last_seen_at, etag FROM staging.stg_scraped_pages") == [(NOON + timedelta(minutes=9), "new")]


async def test_the_newest_validators_are_kept(async_engine: AsyncEngine) -> None:
    await save(async_engine, page(etag='"1"'), page(minutes=1, etag='"2"', last_modified="Sun"), page(minutes=2))
    async with async_engine.connect() as connection:
        known = await store.known_answer(connection, HOUSE, URL)
        assert known is not None
        assert (known.etag, known.last_modified, known.last_seen_at) == ('"2"', "Sun", NOON + timedelta(minutes=2))
        assert (known.body, known.is_text) == (page().body, True)
        assert await store.known_answer(connection, HOUSE, "https://opera.example/unseen") is None


async def test_of_a_page_and_another_answer_at_its_address_the_newest_is_known(async_engine: AsyncEngine) -> None:
    await save(async_engine, page(minutes=1))
    for minutes, status in ((0, 200), (2, 301)):
        async with async_engine.begin() as connection:
            seen_at = NOON + timedelta(minutes=minutes)
            await store.save_site_answer(connection, URL, 301, {"location": "/new", "etag": "x"}, b"", seen_at)
            known = await store.known_answer(connection, HOUSE, URL)
        assert known is not None
        assert known.status_code == status
        assert (known.page_checksum is None) == (status == 301)


async def test_the_frontier_gives_back_the_best_first_and_lets_go_of_what_is_done(async_engine: AsyncEngine) -> None:
    addresses = [store.KeptAddress(f"https://opera.example/{n}", n % 3, n, "production") for n in range(6)]
    async with async_engine.begin() as connection:
        await store.update_frontier(connection, HOUSE, addresses, [])
        await store.update_frontier(connection, HOUSE, [replace(addresses[3], priority=9, depth=8)], [addresses[4].url])
        await store.update_frontier(connection, "other.example", addresses, [])
        kept = await store.kept_addresses(connection, HOUSE, 3, timedelta(days=90))
        assert [(each.url[-1], each.priority, each.depth) for each in kept] == [("3", 9, 3), ("2", 2, 2), ("5", 2, 5)]
        assert await store.kept_addresses(connection, HOUSE, 9, -timedelta(days=1)) == []
        assert len(await store.kept_addresses(connection, "other.example", 9, timedelta(days=90))) == 6


async def test_one_url_saved_by_many_at_once_is_one_row(async_engine: AsyncEngine, rows: Rows) -> None:
    saved = await asyncio.gather(*(save(async_engine, page(minutes=minute)) for minute in range(8)))
    assert len({page_id for (page_id,) in saved}) == 1
    assert rows("SELECT last_seen_at FROM staging.stg_scraped_pages") == [(NOON + timedelta(minutes=7),)]


async def test_a_save_waits_for_another_of_the_same_url(async_engine: AsyncEngine) -> None:
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    async with async_engine.connect() as first, async_engine.connect() as watcher:
        first_id = await store.save_page(first, page())
        second = asyncio.ensure_future(save(async_engine, page(minutes=1)))
        while not second.done() and await watcher.scalar(waiting) == 0:
            continue
        await first.commit()
    assert await second == [first_id]


async def test_the_same_url_belongs_to_each_company_that_shows_it(async_engine: AsyncEngine) -> None:
    first, second = await save(async_engine, page(), page(company_domain="other.example"))
    assert first != second


async def test_text_and_binary_content_go_to_their_own_columns(async_engine: AsyncEngine, rows: Rows) -> None:
    await save(async_engine, page("text"), page("binary", 1, text=None, body=b"%PDF\x00"))
    stored = rows("SELECT html_content IS NOT NULL, body FROM staging.stg_scraped_pages ORDER BY scraped_at")
    assert stored == [(True, None), (False, b"%PDF\x00")]


async def test_characters_that_postgresql_refuses_do_not_lose_the_page(async_engine: AsyncEngine, rows: Rows) -> None:
    await save(async_engine, page(text="a\x00b\ud83d", response_headers={"server": "x\x00"}, etag="\x00"))
    assert rows("SELECT html_content, response_headers, etag FROM staging.stg_scraped_pages") == [
        ("a�b�", {"server": "x�"}, "�")
    ]


async def test_content_whose_rights_are_reserved_is_not_kept(async_engine: AsyncEngine, rows: Rows) -> None:
    (page_id,) = await save(async_engine, page(rights={"decision": "reserved", "reason": "tdm-reservation: 1"}))
    assert rows("SELECT html_content, body, rights->>'decision' FROM staging.stg_scraped_pages") == [
        (None, None, "reserved")
    ]
    async with async_engine.connect() as connection:
        assert not await store.needs_extraction(connection, page_id, "v1", "rules")
        assert not await store.claim_page(connection, page_id, "v1", "w", 60)
        assert await store.count_pending(connection, "v1", "rules") == 0


async def test_content_is_given_up_when_its_rights_are_reserved_later(async_engine: AsyncEngine, rows: Rows) -> None:
    await save(async_engine, page(), page(minutes=1, rights={"decision": "reserved"}))
    assert rows("SELECT html_content, body FROM staging.stg_scraped_pages") == [(None, None)]


# Extractions


async def test_an_error_never_hides_an_answer(async_engine: AsyncEngine, rows: Rows) -> None:
    (page_id,) = await save(async_engine, page())
    await extract(async_engine, page_id, failure(), answer(title="Tosca"), failure(), answer(title="later"))
    assert rows("SELECT raw_response, error FROM staging.stg_llm_extractions") == [({"title": "Tosca"}, None)]
    assert rows("SELECT is_processed, processed_at IS NOT NULL FROM staging.stg_scraped_pages") == [(True, True)]
    assert rows("SELECT FROM staging.extraction_claims") == []


@pytest.mark.parametrize(
    ("stored", "asked", "is_needed"),
    [
        ([], ("v1", "rules"), True),
        ([answer()], ("v1", "rules"), False),
        ([answer()], ("v2", "rules"), True),
        ([failure()], ("v1", "rules"), True),
        ([answer("m1", "openai:any")], ("v1", "rules"), False),
        ([failure("m1", "openai:any")], ("v1", "rules"), True),
        ([answer()], ("m1", "openai:any"), True),
        ([answer("m1", "openai:any")], ("m2", "openai:other"), True),
        ([answer("r", "review")], ("m1", "openai:any"), False),
    ],
)
async def test_a_page_needs_extraction_until_this_or_a_better_extractor_answered(
    async_engine: AsyncEngine, stored: list[Extraction], asked: tuple[str, str], is_needed: bool
) -> None:
    (page_id,) = await save(async_engine, page())
    await extract(async_engine, page_id, *stored)
    async with async_engine.connect() as connection:
        assert await store.needs_extraction(connection, page_id, *asked) is is_needed
        assert await store.count_pending(connection, *asked) == is_needed


async def test_only_the_latest_version_is_pending_unless_all_are_asked_for(async_engine: AsyncEngine) -> None:
    first, second = await save(async_engine, page("A"), page("B", 1))
    async with async_engine.connect() as connection:
        assert await store.count_pending(connection, "v1", "rules") == 1
        assert await store.count_pending(connection, "v1", "rules", all_versions=True) == 2
    assert await claim(async_engine, "w") == [second]
    assert await claim(async_engine, "w", all_versions=True) == [first]


async def test_pending_pages_can_be_asked_for_by_company(async_engine: AsyncEngine) -> None:
    _, other = await save(async_engine, page(), page(company_domain="other.example"))
    assert await claim(async_engine, "w", company_domains=["other.example"]) == [other]


# Claims


async def test_workers_never_get_the_same_page(async_engine: AsyncEngine) -> None:
    saved = await save(async_engine, *(page(url=f"{URL}/{number}") for number in range(24)))
    claimed = await asyncio.gather(*(claim(async_engine, f"w{number}", limit=5) for number in range(8)))
    flat = [page_id for each in claimed for page_id in each]
    assert len(flat) == len(set(flat))
    assert set(flat) <= set(saved)
    left = await claim(async_engine, "last", limit=100)  # rows that were locked, not claimed, at that moment
    assert set(flat) | set(left) == set(saved)


async def test_an_expired_lease_returns_the_page(async_engine: AsyncEngine) -> None:
    saved = await save(async_engine, page())
    assert await claim(async_engine, "a", lease_seconds=0) == saved
    assert await claim(async_engine, "b") == saved
    assert await claim(async_engine, "c") == []


async def test_a_dead_workers_page_returns_at_once(async_engine: AsyncEngine, database: Server) -> None:
    saved = await save(async_engine, page())
    other = database.async_engine()
    async with other.begin() as connection:
        await connection.execute(text("SET application_name = 'opera/another process'"))
        assert await store.claim_page(connection, saved[0], "v1", "a", 3600)
    assert await claim(async_engine, "b") == []
    await other.dispose()
    await gone(async_engine, "opera/another process")
    assert await claim(async_engine, "b") == saved


async def gone(engine: AsyncEngine, session: str) -> None:
    """Wait until the server has ended a session whose client has left."""
    query = text("SELECT count(*) FROM pg_stat_activity WHERE application_name = :session")
    async with asyncio.timeout(30):
        while True:
            async with engine.connect() as connection:
                if await connection.scalar(query, {"session": session}) == 0:
                    return


async def test_one_page_is_claimed_by_one_worker(async_engine: AsyncEngine) -> None:
    (page_id,) = await save(async_engine, page())

    async def claim_it(worker: str) -> bool:
        async with async_engine.begin() as connection:
            return await store.claim_page(connection, page_id, "v1", worker, 60)

    assert sorted(await asyncio.gather(*(claim_it(f"w{number}") for number in range(6)))) == [False] * 5 + [True]
    async with async_engine.begin() as connection:
        assert await store.claim_page(connection, page_id, "v2", "w", 60), "another version is another question"


async def test_a_page_that_failed_waits_longer_each_time(async_engine: AsyncEngine, rows: Rows) -> None:
    (page_id,) = await save(async_engine, page())
    pauses = []
    for _ in range(5):
        await extract(async_engine, page_id, failure())
        pauses += rows("SELECT leased_until - claimed_at FROM staging.extraction_claims")
        assert await claim(async_engine, "w") == []
    assert pauses == [(timedelta(hours=hours),) for hours in (0.25, 1, 4, 24, 24)]


# Runs


async def outcomes(rows: Rows) -> list[tuple[Any, ...]]:
    return rows("SELECT outcome FROM staging.crawl_runs ORDER BY started_at")


async def start_run(engine: AsyncEngine, minutes: int, domain: str = HOUSE, session: str | None = None) -> UUID:
    run_id = uuid4()
    async with engine.begin() as connection:
        if session:
            await connection.execute(text(f"SET application_name = '{session}'"))
        await store.start_crawl_run(connection, run_id, domain, {"max_pages": 5}, NOON + timedelta(minutes=minutes))
    return run_id


async def test_a_run_is_closed_with_its_outcome_and_stats(async_engine: AsyncEngine, rows: Rows) -> None:
    run_id = await start_run(async_engine, 0)
    stats = {"opera/pages/staged": 3, "start_time": NOON, "elapsed": float("inf"), "finish_reason": "finished"}
    async with async_engine.begin() as connection:
        await store.finish_crawl_run(connection, run_id, "finished", "3 pages", NOON, stats)
    stored = rows("SELECT outcome, reason, counts, stats->>'start_time', stats->>'elapsed' FROM staging.crawl_runs")
    assert stored == [("finished", "3 pages", {"opera/pages/staged": 3}, NOON.isoformat(), "inf")]


async def test_a_new_run_marks_the_dead_one_interrupted(async_engine: AsyncEngine, rows: Rows) -> None:
    await start_run(async_engine, 0)
    await start_run(async_engine, 1, domain="other.example")
    await start_run(async_engine, 2)
    assert await outcomes(rows) == [("interrupted",), ("running",), ("running",)]


async def test_a_run_that_lives_in_another_process_is_left_alone(
    async_engine: AsyncEngine, database: Server, rows: Rows
) -> None:
    other = database.async_engine()
    await start_run(other, 0, session="opera/another process")
    await start_run(async_engine, 1)
    assert await outcomes(rows) == [("running",), ("running",)]
    await other.dispose()
    await gone(async_engine, "opera/another process")
    await start_run(async_engine, 2)
    assert await outcomes(rows) == [("interrupted",), ("interrupted",), ("running",)]


# Hosts


async def test_what_is_learnt_about_a_host_is_merged_key_by_key(async_engine: AsyncEngine) -> None:
    async with async_engine.begin() as connection:
        assert await store.host_memory(connection, HOUSE) == store.HostMemory(HOUSE)
        await store.remember_host(connection, HOUSE, scheme="http", details={"json": {"path": "/api"}, "lastmod": [1]})
        await store.remember_host(connection, HOUSE, not_before_at=NOON, details={"lastmod": [2]})
        await store.remember_host(connection, HOUSE, failures_count=2)
        memory = await store.host_memory(connection, HOUSE)
    assert (memory.scheme, memory.not_before_at, memory.failures_count) == ("http", NOON, 2)
    assert memory.details == {"json": {"path": "/api"}, "lastmod": [2]}
