"""Models' answers and the ledger of their requests, in ``staging``: for every process that shares the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import and_, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from opera_spiders.errors import BadInputError
from opera_spiders.extraction.model_answers import Asker, Bill, Budgets, CallEnd, Remembered
from opera_spiders.warehouse.store import is_connected, session_name, storable
from opera_spiders.warehouse.tables import llm_answers, llm_calls

answers = llm_answers.c
calls = llm_calls.c

_LEASE = timedelta(minutes=30)  # more than one question takes with all its retries
_FIRST_LOOK_SECONDS, _LAST_LOOK_SECONDS = 0.1, 2.0


class StoredAnswers:
    """``ModelAnswers`` of all processes and machines that share a database.

    Every method is a transaction of its own; none is open while a model answers.

    :param begin: opens a transaction, as ``AsyncEngine.begin`` does
    """

    def __init__(self, begin: Callable[[], AbstractAsyncContextManager[AsyncConnection]], budgets: Budgets) -> None:
        self.begin = begin
        self.budgets = budgets

    async def find(self, cache_key: str) -> Remembered | None:
        """Return the answer to a question that has been answered."""
        async with self.begin() as connection:
            return await _find(connection, cache_key)

    async def claim(self, cache_key: str, llm_model: str) -> Remembered | None:
        """Return the answer to a question, or None when the caller is to ask.

        While another caller asks, looks again and again, until there is an answer or that process is gone.
        """
        pause_seconds = _FIRST_LOOK_SECONDS
        while True:
            async with self.begin() as connection:
                if (remembered := await _find(connection, cache_key)) is not None:
                    return remembered
                if await _claim(connection, cache_key, llm_model):
                    return None
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(2 * pause_seconds, _LAST_LOOK_SECONDS)

    async def remember(self, cache_key: str, llm_model: str, remembered: Remembered, bill: Bill) -> None:
        """Keep what a model made of a question."""
        values = {
            "answer": storable(remembered.answer),
            "is_too_long": remembered.answer is None,
            "session": None,
            "claimed_until": None,
            "created_at": func.now(),
            **_columns(bill),
        }
        async with self.begin() as connection:
            await connection.execute(
                insert(llm_answers)
                .values(cache_key=cache_key, llm_model=llm_model, **values)
                .on_conflict_do_update(index_elements=[answers.cache_key], set_=values)
            )

    async def release(self, cache_key: str) -> None:
        """Let the next caller ask."""
        async with self.begin() as connection:
            await connection.execute(
                update(llm_answers)
                .where(answers.cache_key == cache_key, answers.session == session_name())
                .values(session=None, claimed_until=None)
            )

    async def open_call(
        self,
        asker: Asker,
        llm_model: str,
        cache_key: str,
        estimated_cost_usd: Decimal | None,
        ahead_usd: Decimal = Decimal(0),
    ) -> UUID:
        """Note a request before it is made.

        :raises BudgetSpentError: no request may be made
        """
        call_id = uuid4()
        async with self.begin() as connection:
            if self.budgets != Budgets():
                run, day = await _spent(connection, asker.crawl_run_id)
                self.budgets.check(run + ahead_usd, day + ahead_usd, in_crawl=asker.crawl_run_id is not None)
            await connection.execute(
                insert(llm_calls).values(
                    id=call_id,
                    llm_model=llm_model,
                    cache_key=cache_key,
                    scraped_page_id=asker.page_id,
                    extraction_version=asker.extraction_version,
                    crawl_run_id=asker.crawl_run_id,
                    estimated_cost_usd=estimated_cost_usd,
                )
            )
        return call_id

    async def close_call(self, call_id: UUID, end: CallEnd, bill: Bill) -> None:
        """Note how a request ended."""
        async with self.begin() as connection:
            await connection.execute(
                update(llm_calls)
                .where(calls.id == call_id)
                .values(state=end, ended_at=func.clock_timestamp(), **_columns(bill))
            )

    async def key_of_call(self, call_id: UUID) -> str | None:
        """Return what a request asked; None for one that is not in this ledger."""
        async with self.begin() as connection:
            return await connection.scalar(select(calls.cache_key).where(calls.id == call_id))

    async def bill(self, asker: Asker) -> Bill:
        """Return what all answers for one page by one extraction version cost, in this crawl and before."""
        columns = [calls[name] for name in _columns(Bill())]
        query = select(func.count(), *(of(column) for column in columns for of in (func.count, func.sum))).where(
            calls.scraped_page_id == asker.page_id,
            calls.extraction_version == asker.extraction_version,
            calls.state == "answered",
        )
        async with self.begin() as connection:
            count, *pairs = (await connection.execute(query)).one()
        if not count:
            return Bill()
        return Bill(*(total if known == count else None for known, total in zip(pairs[::2], pairs[1::2], strict=True)))


@asynccontextmanager
async def only_batch_worker(engine: AsyncEngine) -> AsyncIterator[None]:
    """Be the only process that sends batches for this database while the block runs.

    :raises BadInputError: another one is at it
    """
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")  # a lock of the session: no open transaction
        if not await connection.scalar(select(func.pg_try_advisory_lock(func.hashtextextended("opera batches", 0)))):
            raise BadInputError("Another scripts/extract_pending --batch is at work on this database. Let it finish.")
        try:
            yield
        finally:
            await connection.invalidate()  # the session ends, and its lock


async def _find(connection: AsyncConnection, cache_key: str) -> Remembered | None:
    query = select(answers.answer).where(
        answers.cache_key == cache_key, or_(answers.answer.is_not(None), answers.is_too_long)
    )
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else Remembered(row.answer)


async def _claim(connection: AsyncConnection, cache_key: str, llm_model: str) -> bool:
    """Tell whether the question is ours to ask now."""
    claim = {"session": session_name(), "claimed_until": func.now() + _LEASE}
    is_gone = and_(answers.session != "", ~is_connected(answers.session))
    is_free = or_(answers.session.is_(None), answers.claimed_until < func.now(), is_gone)
    statement = (
        insert(llm_answers)
        .values(cache_key=cache_key, llm_model=llm_model, **claim)
        .on_conflict_do_update(
            index_elements=[answers.cache_key],
            set_=claim,
            where=and_(answers.answer.is_(None), ~answers.is_too_long, is_free),
        )
        .returning(answers.cache_key)
    )
    return (await connection.execute(statement)).one_or_none() is not None


async def _spent(connection: AsyncConnection, crawl_run_id: UUID | None) -> tuple[Decimal, Decimal]:
    """Return what the run and the UTC day have cost, in USD: a request whose cost is unknown by its estimate."""
    cost = func.coalesce(calls.cost_usd, calls.estimated_cost_usd, 0)
    is_today = calls.asked_at >= func.date_trunc("day", func.now(), "UTC")
    of_run = calls.crawl_run_id == crawl_run_id if crawl_run_id else and_(calls.crawl_run_id.is_(None), is_today)
    query = select(
        *(func.coalesce(func.sum(cost).filter(which), literal(Decimal(0))) for which in (of_run, is_today))
    ).where(calls.state != "asked", or_(of_run, is_today))
    run, day = (await connection.execute(query)).one()
    return run, day


def _columns(bill: Bill) -> dict[str, Any]:
    return {"tokens_input": bill.tokens_input, "tokens_output": bill.tokens_output, "cost_usd": bill.cost_usd}
