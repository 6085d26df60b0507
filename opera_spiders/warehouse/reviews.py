"""What people decided, in ``staging.reviews``, and the answers that follow from it.

The extractors' rows are never changed. Of a page version that a decision is about there is one more row, by ``review``,
which ranks above all of them; it is the best extractor's answer as decided. It is made when somebody decides, and when
the page is extracted in a new version.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import Select, case, delete, exists, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from opera_spiders.extraction.extractor import Extraction
from opera_spiders.extraction.review import REVIEW, Decision, folded_question, reviewed
from opera_spiders.warehouse.tables import reviews, stg_llm_extractions, stg_scraped_pages

pages = stg_scraped_pages.c
extractions = stg_llm_extractions.c
decided = reviews.c

_DOUBTFUL = '$.* ? (@.status == "absent" || @.status == "elsewhere" || exists(@.disagreement))'


@dataclass(frozen=True, slots=True)
class ReadPage:
    """The latest version of a page that has an answer, with the answer that counts."""

    page_id: UUID
    url: str
    company_domain: str
    scraped_at: datetime
    content_type: str | None
    html_content: str | None
    body: bytes | None
    extraction: Extraction


class StoredDecision(NamedTuple):
    """A decision with who made it, when."""

    url: str
    decision: Decision
    reviewer: str
    note: str | None
    decided_at: datetime


async def decide(connection: AsyncConnection, url: str, decision: Decision, reviewer: str, note: str | None) -> None:
    """Keep a decision, in place of an earlier one about the same value. ``apply`` makes it count."""
    values = {
        "decision": decision.verdict,
        "decided_value": decision.decided_value,
        "reviewer": reviewer,
        "note": note,
        "decided_at": func.now(),
    }
    await withdraw(connection, url, decision.field, decision.printed_value)
    await connection.execute(
        insert(reviews).values(
            id=uuid4(), url=url, field=decision.field, printed_value=decision.printed_value, **values
        )
    )


async def withdraw(connection: AsyncConnection, url: str, field: str, printed_value: str) -> bool:
    """Forget a decision; tell whether there was one. ``apply`` makes it count."""
    question = folded_question(field, printed_value)
    about = await connection.execute(select(decided.id, decided.field, decided.printed_value).where(decided.url == url))
    same = [row.id for row in about if folded_question(row.field, row.printed_value) == question]
    await connection.execute(delete(reviews).where(decided.id.in_(same)))
    return bool(same)


async def decisions(connection: AsyncConnection, url: str | None = None) -> list[StoredDecision]:
    """Return what was decided about a page, or about all, oldest first."""
    query = select(reviews).order_by(decided.decided_at, decided.url, decided.field, decided.printed_value)
    if url is not None:
        query = query.where(decided.url == url)
    return [
        StoredDecision(
            row.url,
            Decision(row.field, row.printed_value, row.decision, row.decided_value),
            row.reviewer,
            row.note,
            row.decided_at,
        )
        for row in await connection.execute(query)
    ]


async def apply(connection: AsyncConnection, url: str) -> int:
    """Make the reviewed answers of all versions of a page anew; return how many there are."""
    made = [each.decision for each in await decisions(connection, url)]
    versions: list[UUID] = list(await connection.scalars(select(pages.id).where(pages.url == url)))
    await connection.execute(
        delete(stg_llm_extractions).where(
            extractions.scraped_page_id.in_(versions), extractions.extraction_version == REVIEW
        )
    )
    return sum([await _store(connection, page_id, made) for page_id in versions]) if made else 0


async def apply_to_new_answer(connection: AsyncConnection, page_id: UUID) -> None:
    """Apply to a page that was extracted just now what was decided about its URL.

    A version that was reviewed stays as it was reviewed, whoever extracts it again.
    """
    url = select(pages.url).where(pages.id == page_id).scalar_subquery()
    is_reviewed = exists().where(extractions.scraped_page_id == page_id, extractions.extraction_version == REVIEW)
    query = select(decided.field, decided.printed_value, decided.decision.label("verdict"), decided.decided_value)
    query = query.where(decided.url == url, ~is_reviewed).order_by(decided.decided_at, decided.id)
    if made := [Decision(**row._mapping) for row in await connection.execute(query)]:
        await _store(connection, page_id, made)


async def read_pages(
    connection: AsyncConnection,
    *,
    company_domains: Sequence[str] = (),
    url: str | None = None,
    doubtful_below: Decimal | None = None,
) -> AsyncIterator[ReadPage]:
    """Yield pages with the answer that counts, the least certain first.

    :param doubtful_below: only answers with a lower confidence, or with a value that is ungrounded, invalid or disputed
    """
    latest = _best_answers().subquery("latest")
    wanted = select(latest.c.id).order_by(latest.c.confidence_score.nulls_first(), latest.c.url)
    if company_domains:
        wanted = wanted.where(latest.c.company_domain.in_(company_domains))
    if url is not None:
        wanted = wanted.where(latest.c.url == url)
    if doubtful_below is not None:
        wanted = wanted.join(stg_llm_extractions, extractions.id == latest.c.id).where(
            or_(
                func.coalesce(extractions.confidence_score, 0) < doubtful_below,
                func.jsonb_array_length(extractions.validation_errors) > 0,
                extractions.evidence.path_exists(_DOUBTFUL),
            )
        )
    found: list[UUID] = list(await connection.scalars(wanted))
    for extraction_id in found:
        query = (
            select(stg_llm_extractions, stg_scraped_pages)
            .join(stg_scraped_pages, pages.id == extractions.scraped_page_id)
            .where(extractions.id == extraction_id)
        )
        row = (await connection.execute(query)).one()._mapping
        yield ReadPage(
            page_id=row[pages.id],
            **{name: row[pages[name]] for name in ("url", "company_domain", "scraped_at", "content_type")},
            **{name: row[pages[name]] for name in ("html_content", "body")},
            extraction=Extraction(**{name: row[extractions[name]] for name in Extraction.__slots__}),
        )


def _best_answers() -> Select[Any]:
    """Return for each URL the latest version that has an answer, and of its answers the one that dbt takes."""
    checksum = pages.checksum.collate("C")
    return (
        select(extractions.id, extractions.confidence_score, pages.url, pages.company_domain)
        .join(stg_scraped_pages, pages.id == extractions.scraped_page_id)
        .where(extractions.error.is_(None))
        .ext(distinct_on(pages.company_domain, pages.url))
        .order_by(pages.company_domain, pages.url, pages.scraped_at.desc(), checksum, pages.id, *_best_first())
    )


def _best_first() -> list[Any]:
    """Return the order in which dbt prefers the answers to one page version: review, model, rules; then the newest."""
    rank = case({REVIEW: 1, "rules": 3}, value=extractions.llm_model, else_=2)
    return [rank, extractions.extracted_at.desc(), extractions.extraction_version.collate("C"), extractions.id]


async def _store(connection: AsyncConnection, page_id: UUID, made: Sequence[Decision]) -> bool:
    """Store the reviewed answer to a page version; tell whether any decision is about it."""
    best = (
        select(*(extractions[name] for name in Extraction.__slots__))
        .where(
            extractions.scraped_page_id == page_id,
            extractions.error.is_(None),
            extractions.extraction_version != REVIEW,
        )
        .order_by(*_best_first())
        .limit(1)
    )
    row = (await connection.execute(best)).one_or_none()
    result = None if row is None else reviewed(Extraction(**row._mapping), made)
    if result is not None:
        values = {name: getattr(result, name) for name in Extraction.__slots__}
        statement = insert(stg_llm_extractions).values(id=uuid4(), scraped_page_id=page_id, **values)
        await connection.execute(statement.on_conflict_do_nothing())  # another process has stored it by now
    return result is not None
