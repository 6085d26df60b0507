"""Every SQL statement of the crawl. Callers own the transaction; nothing here commits.

A *version* of a page is one row of ``stg_scraped_pages``; a page is compared with its URL's latest version only.
A *claim* keeps a page for one worker while it extracts: until the extraction is stored, the lease ends or the worker's
last connection is gone. After an error the page waits, longer each time, before anybody claims it again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from math import isfinite
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Interval,
    Select,
    Text,
    and_,
    bindparam,
    case,
    column,
    delete,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    table,
    text,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from opera_spiders import __version__
from opera_spiders.extraction.extractor import Extraction
from opera_spiders.items import FetchedPage
from opera_spiders.warehouse import reviews
from opera_spiders.warehouse.tables import (
    crawl_runs,
    extraction_claims,
    frontier,
    host_state,
    site_answers,
    stg_llm_extractions,
    stg_scraped_pages,
)

pages = stg_scraped_pages.c
extractions = stg_llm_extractions.c
claims = extraction_claims.c
runs = crawl_runs.c
hosts = host_state.c
answers = site_answers.c
kept = frontier.c
activity = table("pg_stat_activity", column("application_name"), column("datname"))

RETRY_WAITS = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4), timedelta(days=1))
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL's text holds neither NUL nor half a surrogate pair


@dataclass(frozen=True, slots=True)
class LatestPage:
    """The latest version of a URL."""

    page_id: UUID
    checksum: str
    scraped_at: datetime
    last_seen_at: datetime
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True, slots=True)
class PendingPage:
    """A staged version whose extraction this process has claimed."""

    page_id: UUID
    url: str
    company_domain: str
    scraped_at: datetime
    content_type: str | None
    html_content: str | None
    body: bytes | None
    page_type: str | None
    language: str | None


@dataclass(frozen=True, slots=True)
class HostMemory:
    """What earlier crawls, on any node, learnt about a host (host:port).

    ``details`` holds what one component alone needs, under a key of its own.
    """

    host: str
    scheme: str | None = None
    not_before_at: datetime | None = None
    failures_count: int = 0
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """What a host said last when it was asked for an address, to whichever node.

    ``body`` is None where it is not kept (reserved rights). ``page_checksum`` is that of a staged page, None for other
    answers; ``is_text`` tells that the body is a page's decoded text, in UTF-8.
    """

    status_code: int
    response_headers: Mapping[str, str]
    body: bytes | None
    is_text: bool
    etag: str | None
    last_modified: str | None
    last_seen_at: datetime
    page_checksum: str | None
    sitemap_lastmod: str | None
    rendered: bool


@dataclass(frozen=True, slots=True)
class KeptAddress:
    """An address that was found and is still to be asked for. ``depth`` counts links from a start page."""

    url: str
    priority: int = 0
    depth: int = 0
    page_type: str | None = None


async def latest_page(connection: AsyncConnection, company_domain: str, url: str) -> LatestPage | None:
    """Return the latest version of ``url``."""
    given = {"company_domain": company_domain, "url": url}
    row = (await connection.execute(_latest_page(), given)).one_or_none()
    return None if row is None else LatestPage(**row._mapping)


@cache
def _latest_page() -> Select[Any]:
    return (
        select(
            pages.id.label("page_id"),
            pages.checksum,
            pages.scraped_at,
            pages.last_seen_at,
            pages.etag,
            pages.last_modified,
        )
        .where(pages.company_domain == bindparam("company_domain"), pages.url == bindparam("url"))
        .order_by(pages.scraped_at.desc(), pages.id.desc())
        .limit(1)
    )


async def needs_extraction(connection: AsyncConnection, page_id: UUID, extraction_version: str, llm_model: str) -> bool:
    """Tell whether the page has no extraction by this version or by a better extractor (review > model > rules).

    False for a page whose content is not kept: its rights are reserved.
    """
    query = select(_is_kept() & ~_is_answered(extraction_version, llm_model)).where(pages.id == page_id)
    return bool(await connection.scalar(query))


async def record_sighting(connection: AsyncConnection, page_id: UUID, page: FetchedPage) -> None:
    """Move ``last_seen_at`` forward (never back) and keep the newest validators (ETag, Last-Modified).

    Content whose rights have been reserved since is given up.
    """
    is_newest = pages.last_seen_at <= page.fetched_at
    values: dict[Any, Any] = {
        pages.last_seen_at: func.greatest(pages.last_seen_at, page.fetched_at),
        pages.etag: case((is_newest, func.coalesce(storable(page.etag), pages.etag)), else_=pages.etag),
        pages.last_modified: case(
            (is_newest, func.coalesce(storable(page.last_modified), pages.last_modified)), else_=pages.last_modified
        ),
        pages.sitemap_lastmod: case(
            (is_newest, func.coalesce(storable(page.sitemap_lastmod), pages.sitemap_lastmod)),
            else_=pages.sitemap_lastmod,
        ),
    }
    if is_reserved(page):
        values |= {pages.html_content: None, pages.body: None, pages.rights: storable(page.rights)}
    await connection.execute(update(stg_scraped_pages).where(pages.id == page_id).values(values))


async def confirm_page(connection: AsyncConnection, company_domain: str, url: str, seen_at: datetime) -> None:
    """Move ``last_seen_at`` of the latest version of ``url``, whose content is not at hand."""
    latest = await latest_page(connection, company_domain, url)
    if latest is not None:
        moved = func.greatest(pages.last_seen_at, seen_at)
        await connection.execute(
            update(stg_scraped_pages).where(pages.id == latest.page_id).values({pages.last_seen_at: moved})
        )


async def save_page(connection: AsyncConnection, page: FetchedPage) -> UUID:
    """Return the id of the page's version: the latest one when its checksum is equal, else a new row's.

    Concurrent crawls of one URL serialise on an advisory lock, so no version is stored twice.
    """
    key = func.hashtextextended(f"{page.company_domain} {page.url}", 0)
    await connection.execute(select(func.pg_advisory_xact_lock(key)))
    latest = await latest_page(connection, page.company_domain, page.url)
    if latest is not None and latest.checksum == page.blocks.checksum:
        await record_sighting(connection, latest.page_id, page)
        return latest.page_id
    page_id = uuid4()
    is_kept = not is_reserved(page)
    await connection.execute(
        insert(stg_scraped_pages).values(
            id=page_id,
            url=page.url,
            company_domain=page.company_domain,
            scraped_at=page.fetched_at,
            last_seen_at=page.fetched_at,
            html_content=storable(page.text) if is_kept else None,
            body=page.body if is_kept and page.text is None else None,
            status_code=page.status_code,
            response_headers=storable(page.response_headers),
            page_type=page.page_type,
            language=storable(page.language),
            checksum=page.blocks.checksum,
            body_checksum=page.body_checksum,
            content_type=storable(page.content_type),
            etag=storable(page.etag),
            last_modified=storable(page.last_modified),
            sitemap_lastmod=storable(page.sitemap_lastmod),
            rendered=page.rendered,
            rights=storable(page.rights),
            crawl_run_id=page.crawl_run_id,
            scraper_version=__version__,
        )
    )
    return page_id


async def save_extraction(connection: AsyncConnection, page_id: UUID, extraction: Extraction) -> None:
    """Store an answer or an error; a repeated (page, version) replaces an error, never an answer by an error.

    The claim ends: with an answer at once, with an error when the page may be tried again. What people decided about
    the page's URL is applied to the answer.
    """
    values = {
        "llm_model": extraction.llm_model,
        "raw_response": storable(extraction.raw_response),
        "evidence": storable(extraction.evidence),
        "confidence_score": extraction.confidence_score,
        "is_validated": extraction.is_validated,
        "validation_errors": storable(extraction.validation_errors),
        "tokens_input": extraction.tokens_input,
        "tokens_output": extraction.tokens_output,
        "cost_usd": extraction.cost_usd,
        "error": storable(extraction.error),
        "extracted_at": func.now(),
    }
    statement = insert(stg_llm_extractions).values(
        id=uuid4(), scraped_page_id=page_id, extraction_version=extraction.extraction_version, **values
    )
    stored = await connection.execute(
        statement.on_conflict_do_update(
            index_elements=[extractions.scraped_page_id, extractions.extraction_version],
            set_=values,
            where=extractions.error.is_not(None),
        ).returning(extractions.id)
    )
    if extraction.error is not None and stored.one_or_none() is not None:
        await _postpone(connection, page_id, extraction.extraction_version)
        return
    await connection.execute(
        delete(extraction_claims).where(
            claims.scraped_page_id == page_id, claims.extraction_version == extraction.extraction_version
        )
    )
    await connection.execute(
        update(stg_scraped_pages).where(pages.id == page_id).values(is_processed=True, processed_at=func.now())
    )
    await reviews.apply_to_new_answer(connection, page_id)


async def claim_page(
    connection: AsyncConnection, page_id: UUID, extraction_version: str, worker: str, lease_seconds: int
) -> bool:
    """Claim one page for extraction; False when another worker holds it, it waits after an error, or has no content."""
    is_kept = await connection.scalar(select(_is_kept()).where(pages.id == page_id))
    return bool(is_kept) and bool(await _claim(connection, [page_id], extraction_version, worker, lease_seconds))


async def release_page(connection: AsyncConnection, page_id: UUID, extraction_version: str) -> None:
    """Give up a claim without an extraction; the page is free for everybody at once."""
    await connection.execute(
        update(extraction_claims)
        .where(claims.scraped_page_id == page_id, claims.extraction_version == extraction_version)
        .values(session="", leased_until=func.now())
    )


async def claim_pending(  # noqa: PLR0917
    connection: AsyncConnection,
    extraction_version: str,
    llm_model: str,
    worker: str,
    lease_seconds: int,
    limit: int,
    company_domains: Sequence[str] = (),
    all_versions: bool = False,
) -> list[PendingPage]:
    """Claim up to ``limit`` pending pages with ``FOR UPDATE SKIP LOCKED``. Claims end with the stored row or the lease.

    Commit at once: the rows are locked until then. An empty list means that nothing is left to claim now; pages that
    failed come back after a pause, pages of other workers when those die.
    """
    candidates = (
        select(pages.id)
        .where(*_is_pending(extraction_version, llm_model, company_domains, all_versions))
        .where(
            ~exists().where(
                claims.scraped_page_id == pages.id, claims.extraction_version == extraction_version, _holds()
            )
        )
        .order_by(pages.scraped_at, pages.id)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True, of=stg_scraped_pages)
    )
    claimed: list[UUID] = []
    page_ids: list[UUID]
    # Another worker may claim a page between our look and our lock; the next look leaves that page out.
    while not claimed and (page_ids := list(await connection.scalars(candidates))):
        claimed = await _claim(connection, page_ids, extraction_version, worker, lease_seconds)
    query = (
        select(
            pages.id.label("page_id"),
            pages.url,
            pages.company_domain,
            pages.scraped_at,
            pages.content_type,
            pages.html_content,
            pages.body,
            pages.page_type,
            pages.language,
        )
        .where(pages.id.in_(claimed))
        .order_by(pages.scraped_at, pages.id)
    )
    return [PendingPage(**row._mapping) for row in await connection.execute(query)]


async def count_pending(
    connection: AsyncConnection,
    extraction_version: str,
    llm_model: str,
    company_domains: Sequence[str] = (),
    all_versions: bool = False,
) -> int:
    """Return how many pages are pending, claimed or not."""
    wanted = _is_pending(extraction_version, llm_model, company_domains, all_versions)
    return int(await connection.scalar(select(func.count()).select_from(stg_scraped_pages).where(*wanted)) or 0)


async def count_postponed(
    connection: AsyncConnection,
    extraction_version: str,
    llm_model: str,
    company_domains: Sequence[str] = (),
    all_versions: bool = False,
) -> tuple[int, datetime | None]:
    """Return how many pending pages wait to be tried again after an error, and when the first may be."""
    is_postponed = and_(
        claims.scraped_page_id == pages.id,
        claims.extraction_version == extraction_version,
        claims.failures_count > 0,
        claims.session == "",
        claims.leased_until > func.now(),
    )
    query = (
        select(func.count(), func.min(claims.leased_until))
        .select_from(stg_scraped_pages.join(extraction_claims, is_postponed))
        .where(*_is_pending(extraction_version, llm_model, company_domains, all_versions))
    )
    count, first_at = (await connection.execute(query)).one()
    return int(count), first_at


async def start_crawl_run(
    connection: AsyncConnection, run_id: UUID, company_domain: str, spider_args: dict[str, Any], started_at: datetime
) -> None:
    """Open the run's row with outcome ``running``; mark this domain's dead ``running`` rows ``interrupted``."""
    session = session_name()
    # Another run of this very process is over too: a process crawls a company once at a time.
    is_dead = or_(runs.session == session, ~is_connected(runs.session))
    await connection.execute(
        update(crawl_runs)
        .where(runs.company_domain == company_domain, runs.outcome == "running", is_dead)
        .values(outcome="interrupted", reason="The process ended without closing the run.", finished_at=func.now())
    )
    await connection.execute(
        insert(crawl_runs).values(
            id=run_id,
            company_domain=company_domain,
            spider_args=storable(spider_args),
            started_at=started_at,
            outcome="running",
            session=session,
            scraper_version=__version__,
        )
    )


async def finish_crawl_run(  # noqa: PLR0917
    connection: AsyncConnection, run_id: UUID, outcome: str, reason: str, finished_at: datetime, stats: dict[str, Any]
) -> None:
    """Close the run's row."""
    counts = {name: value for name, value in stats.items() if name.startswith("opera/")}
    await connection.execute(
        update(crawl_runs)
        .where(runs.id == run_id)
        .values(
            outcome=outcome,
            reason=storable(reason),
            finished_at=finished_at,
            counts=storable(counts),
            stats=storable(stats),
        )
    )


async def counts_of_last_run(
    connection: AsyncConnection, company_domain: str, spider_args: dict[str, Any], outcomes: Sequence[str], without: str
) -> dict[str, Any]:
    """Return the ``opera/…`` stats of the company's last run with the same arguments that ended so; empty if none did.

    How the company was named, and what Scrapyd adds, are no difference.

    :param without: a stat; runs that have it do not count
    """
    names = literal(["domain", "_job"], ARRAY(Text))
    same = runs.spider_args.op("-")(names) == literal(storable(spider_args), JSONB).op("-")(names)
    query = (
        select(runs.counts)
        .where(runs.company_domain == company_domain, runs.outcome.in_(outcomes), same, ~runs.counts.has_key(without))
        .order_by(runs.started_at.desc())
        .limit(1)
    )
    return dict(await connection.scalar(query) or {})


async def known_answer(connection: AsyncConnection, company_domain: str, url: str) -> KnownAnswer | None:
    """Return the newest of the latest version of the page at ``url`` and any other answer, None when it is new."""
    given = {"company_domain": company_domain, "url": url}
    row = (await connection.execute(_known_answer(), given)).one_or_none()
    return None if row is None else KnownAnswer(**row._mapping)


@cache
def _known_answer() -> CompoundSelect[Any]:
    text_bytes = func.convert_to(pages.html_content, "UTF8")
    page = (
        select(
            pages.status_code,
            pages.response_headers,
            func.coalesce(text_bytes, pages.body).label("body"),
            pages.html_content.is_not(None).label("is_text"),
            pages.etag,
            pages.last_modified,
            pages.last_seen_at,
            pages.checksum.label("page_checksum"),
            pages.sitemap_lastmod,
            pages.rendered,
        )
        .where(pages.company_domain == bindparam("company_domain"), pages.url == bindparam("url"))
        .order_by(pages.scraped_at.desc(), pages.id.desc())
        .limit(1)
        .subquery()
    )
    other = select(
        answers.status_code,
        answers.response_headers,
        answers.body,
        literal(False),
        answers.response_headers["etag"].astext,
        answers.response_headers["last-modified"].astext,
        answers.last_seen_at,
        null(),
        null(),
        literal(False),
    ).where(answers.url == bindparam("url"))
    return union_all(select(page), other).order_by(text("last_seen_at DESC")).limit(1)


async def known_urls(connection: AsyncConnection, company_domain: str) -> list[str]:
    """Return the addresses of all pages that were ever staged for a company, first seen first."""
    query = (
        select(pages.url)
        .where(pages.company_domain == company_domain)
        .group_by(pages.url)
        .order_by(func.min(pages.scraped_at), pages.url)
    )
    return list(await connection.scalars(query))


async def save_site_answer(  # noqa: PLR0917
    connection: AsyncConnection,
    url: str,
    status_code: int,
    response_headers: Mapping[str, str],
    body: bytes,
    seen_at: datetime,
) -> None:
    """Keep an answer that is no page, in place of the last one at its address."""
    values = {
        "status_code": status_code,
        "response_headers": storable(response_headers),
        "body": body,
        "last_seen_at": seen_at,
    }
    await connection.execute(
        insert(site_answers)
        .values(url=url, **values)
        .on_conflict_do_update(index_elements=[answers.url], set_=values, where=answers.last_seen_at <= seen_at)
    )


async def update_frontier(
    connection: AsyncConnection, company_domain: str, found: Sequence[KeptAddress], done: Sequence[str]
) -> None:
    """Keep what was found for the next run, and let go what was fetched or refused."""
    if found:
        # In one order everywhere, so that two crawls of a company do not wait for each other in a circle.
        rows = [
            {
                "company_domain": company_domain,
                "url": each.url,
                "priority": each.priority,
                "depth": each.depth,
                "page_type": each.page_type,
            }
            for each in sorted(found, key=lambda each: each.url)
        ]
        statement = insert(frontier)
        known_better = {
            "priority": statement.excluded.priority,
            "depth": func.least(kept.depth, statement.excluded.depth),
            "page_type": statement.excluded.page_type,
        }
        statement = statement.on_conflict_do_update(index_elements=[kept.company_domain, kept.url], set_=known_better)
        await connection.execute(statement, rows)
    if done:
        await connection.execute(
            delete(frontier).where(kept.company_domain == company_domain, kept.url.in_(sorted(done)))
        )


async def kept_addresses(
    connection: AsyncConnection, company_domain: str, limit: int, max_age: timedelta
) -> list[KeptAddress]:
    """Return what earlier runs left, best first. What is older than ``max_age`` is let go: nothing links to it."""
    is_old = kept.found_at < func.now() - max_age
    await connection.execute(delete(frontier).where(kept.company_domain == company_domain, is_old))
    query = (
        select(kept.url, kept.priority, kept.depth, kept.page_type)
        .where(kept.company_domain == company_domain)
        .order_by(kept.priority.desc(), kept.found_at, kept.url)
        .limit(limit)
    )
    return [KeptAddress(**row._mapping) for row in await connection.execute(query)]


async def host_memory(connection: AsyncConnection, host: str) -> HostMemory:
    """Return what is remembered about ``host``; empty for a host that no crawl has met."""
    columns = [hosts[name] for name in HostMemory.__slots__]
    row = (await connection.execute(select(*columns).where(hosts.host == host))).one_or_none()
    return HostMemory(host) if row is None else HostMemory(**row._mapping)


async def remember_host(
    connection: AsyncConnection, host: str, *, details: Mapping[str, Any] | None = None, **changes: Any
) -> None:
    """Write ``changes`` to the columns they name and leave all others as they are.

    :param details: replaces the keys it names, and leaves the others too
    """
    values = {name: storable(value) if isinstance(value, str) else value for name, value in changes.items()}
    statement = insert(host_state).values(host=host, details=storable(details or {}), **values)
    merged = {**values, "details": hosts.details.concat(statement.excluded.details), "updated_at": func.now()}
    await connection.execute(statement.on_conflict_do_update(index_elements=[hosts.host], set_=merged))


def is_reserved(page: FetchedPage) -> bool:
    """Tell whether the page's rights forbid to keep its content."""
    return page.rights.get("decision") == "reserved"


def storable(value: Any) -> Any:
    """Return ``value`` as PostgreSQL can hold it, in a text or jsonb column.

    Characters it refuses become U+FFFD; dates become ISO strings, sets lists, and what JSON has no word for a string.

    >>> storable({"note": "a\\x00b", "on": date(2026, 1, 2)})
    {'note': 'a\ufffdb', 'on': '2026-01-02'}
    """
    match value:
        case str():
            is_plain = value.isascii() and "\x00" not in value
            return value if is_plain else UNSTORABLE.sub("\ufffd", value)
        case Mapping():
            return {UNSTORABLE.sub("\ufffd", str(key)): storable(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [storable(item) for item in value]
        case date():
            return value.isoformat()
        case None | bool() | int():
            return value
        case _:
            return value if isinstance(value, float) and isfinite(value) else storable(str(value))


def _rank(llm_model: ColumnElement[str]) -> ColumnElement[int]:
    """How far an extractor is to be trusted: review over model over rules."""
    return case({"review": 3, "rules": 1}, value=llm_model, else_=2)


def _is_kept() -> ColumnElement[bool]:
    return or_(pages.html_content.is_not(None), pages.body.is_not(None))


def _is_answered(extraction_version: str, llm_model: str) -> ColumnElement[bool]:
    is_better = _rank(extractions.llm_model) > _rank(literal(llm_model))
    return exists().where(
        extractions.scraped_page_id == pages.id,
        extractions.error.is_(None),
        or_(extractions.extraction_version == extraction_version, is_better),
    )


def _is_pending(
    extraction_version: str, llm_model: str, company_domains: Sequence[str], all_versions: bool
) -> list[ColumnElement[bool]]:
    conditions = [_is_kept(), ~_is_answered(extraction_version, llm_model)]
    if company_domains:
        conditions.append(pages.company_domain.in_(company_domains))
    if not all_versions:
        newer = stg_scraped_pages.alias("newer").c
        conditions.append(
            ~exists().where(
                newer.company_domain == pages.company_domain,
                newer.url == pages.url,
                tuple_(newer.scraped_at, newer.id) > tuple_(pages.scraped_at, pages.id),
            )
        )
    return conditions


def session_name() -> ColumnElement[str]:
    """Return the name of this process's connections; empty for connections that ``warehouse.server`` did not open."""
    name = func.current_setting("application_name")
    return case((name.like("opera/%"), name), else_="")


def is_connected(session: ColumnElement[str]) -> ColumnElement[bool]:
    """Return whether a process with this name is connected to the database."""
    return session.in_(select(activity.c.application_name).where(activity.c.datname == func.current_database()))


def _holds() -> ColumnElement[bool]:
    """Whether a claim still keeps others away: within its lease, and its worker lives as far as can be known."""
    return and_(claims.leased_until > func.now(), or_(claims.session == "", is_connected(claims.session)))


async def _claim(
    connection: AsyncConnection, page_ids: Sequence[UUID], extraction_version: str, worker: str, lease_seconds: int
) -> list[UUID]:
    """Claim the pages that nobody holds and return their ids."""
    if not page_ids:
        return []
    lease = {
        "worker": worker,
        "session": session_name(),
        "claimed_at": func.now(),
        "leased_until": func.now() + timedelta(seconds=lease_seconds),
    }
    rows = [{"scraped_page_id": page_id, "extraction_version": extraction_version, **lease} for page_id in page_ids]
    statement = (
        insert(extraction_claims)
        .values(rows)
        .on_conflict_do_update(
            index_elements=[claims.scraped_page_id, claims.extraction_version], set_=lease, where=~_holds()
        )
        .returning(claims.scraped_page_id)
    )
    return list(await connection.scalars(statement))


async def _postpone(connection: AsyncConnection, page_id: UUID, extraction_version: str) -> None:
    """Keep a page that failed from being claimed for a while, longer after each error."""
    pause = case(
        {failures: literal(wait, Interval) for failures, wait in enumerate(RETRY_WAITS)},
        value=claims.failures_count,
        else_=literal(RETRY_WAITS[-1], Interval),
    )
    statement = insert(extraction_claims).values(
        scraped_page_id=page_id,
        extraction_version=extraction_version,
        worker="",
        session="",
        claimed_at=func.now(),
        leased_until=func.now() + RETRY_WAITS[0],
        failures_count=1,
    )
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=[claims.scraped_page_id, claims.extraction_version],
            set_={
                "session": "",
                "failures_count": claims.failures_count + 1,
                "claimed_at": func.now(),
                "leased_until": func.now() + pause,
            },
        )
    )
