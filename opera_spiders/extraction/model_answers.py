"""What must be remembered about models beside the pages: their answers, and what each request cost.

Extraction knows no database: the ``Protocol`` stands here, ``warehouse/answers.py`` implements it for all processes
and machines that share one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, Protocol
from uuid import UUID, uuid4

from opera_spiders.errors import BudgetSpentError

CallEnd = Literal["answered", "refused", "lost"]
"""How a request ended: with an answer, with an HTTP error, or without either (a time-out, a broken connection)."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a model made of one question. ``answer`` is None when question or answer was too long for it."""

    answer: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Asker:
    """Who pays for a question: one extraction of one page, in a crawl or outside of any."""

    page_id: UUID
    extraction_version: str
    crawl_run_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Bill:
    """What answers cost. A part that nobody counted makes the whole unknown (None), not smaller."""

    tokens_input: int | None = 0
    tokens_output: int | None = 0
    cost_usd: Decimal | None = Decimal(0)

    def __add__(self, other: Bill) -> Bill:
        """Return the sum."""
        return Bill(
            None if None in (self.tokens_input, other.tokens_input) else self.tokens_input + other.tokens_input,  # type: ignore[operator]
            None if None in (self.tokens_output, other.tokens_output) else self.tokens_output + other.tokens_output,  # type: ignore[operator]
            None if None in (self.cost_usd, other.cost_usd) else self.cost_usd + other.cost_usd,  # type: ignore[operator]
        )


@dataclass(frozen=True, slots=True)
class Budgets:
    """What may be spent, in USD; None = any amount.

    :param run_usd: ``OPERA_LLM_BUDGET_USD``: by one crawl; outside of crawls, by all processes together in a UTC day
    :param day_usd: ``OPERA_LLM_BUDGET_USD_PER_DAY``: by crawls and all else together in a UTC day
    """

    run_usd: Decimal | None = None
    day_usd: Decimal | None = None

    def check(self, run_spent_usd: Decimal, day_spent_usd: Decimal, *, in_crawl: bool) -> None:
        """Do nothing while both budgets hold.

        :raises BudgetSpentError: one is spent; says which, and what to do
        """
        of_run = "by this crawl" if in_crawl else "today outside of crawls"
        for name, budget, spent, whose in (
            ("OPERA_LLM_BUDGET_USD", self.run_usd, run_spent_usd, of_run),
            ("OPERA_LLM_BUDGET_USD_PER_DAY", self.day_usd, day_spent_usd, "today"),
        ):
            if budget is not None and spent >= budget:
                raise BudgetSpentError(
                    f"{name}={budget} is spent: {spent:.4f} USD {whose}. Pages not read stay pending; "
                    "raise it, or run scripts/extract_pending tomorrow (days are UTC)."
                )


class ModelAnswers(Protocol):
    """Answers by question, and the ledger of requests."""

    async def find(self, cache_key: str) -> Remembered | None:
        """Return the answer to a question that has been answered."""
        ...

    async def claim(self, cache_key: str, llm_model: str) -> Remembered | None:
        """Return the answer to a question; None when nobody has it and the caller is to ask now.

        While somebody else asks the same question, waits for that answer. A caller that got None calls ``remember``
        or ``release``.
        """
        ...

    async def remember(self, cache_key: str, llm_model: str, remembered: Remembered, bill: Bill) -> None:
        """Keep what a model made of a question, and what it cost."""
        ...

    async def release(self, cache_key: str) -> None:
        """Give up a claim without an answer."""
        ...

    async def open_call(
        self,
        asker: Asker,
        llm_model: str,
        cache_key: str,
        estimated_cost_usd: Decimal | None,
        ahead_usd: Decimal = Decimal(0),
    ) -> UUID:
        """Note a request before it is made, and return its id.

        :param ahead_usd: what counts as spent, too: the other questions of a batch that is being made
        :raises BudgetSpentError: no request may be made
        """
        ...

    async def close_call(self, call_id: UUID, end: CallEnd, bill: Bill) -> None:
        """Note how a request ended."""
        ...

    async def bill(self, asker: Asker) -> Bill:
        """Return what all answers to one asker cost, also to attempts that ended in an error or with their process."""
        ...


@dataclass(slots=True)
class _Call:
    asker: Asker
    estimated_cost_usd: Decimal | None
    end: CallEnd | None = None
    bill: Bill = field(default_factory=Bill)


class AnswersInMemory:
    """For one process without a database. Every call counts as of one run and one day."""

    def __init__(self, budgets: Budgets | None = None) -> None:
        self.budgets = budgets or Budgets()
        self._answers: dict[str, Remembered] = {}
        self._asking: dict[str, asyncio.Lock] = {}
        self._calls: dict[UUID, _Call] = {}

    async def find(self, cache_key: str) -> Remembered | None:
        """Return the answer."""
        return self._answers.get(cache_key)

    async def claim(self, cache_key: str, llm_model: str) -> Remembered | None:
        """Return the answer, or None when the caller is to ask."""
        lock = self._asking.setdefault(cache_key, asyncio.Lock())
        await lock.acquire()
        if cache_key in self._answers:
            lock.release()
        return self._answers.get(cache_key)

    async def remember(self, cache_key: str, llm_model: str, remembered: Remembered, bill: Bill) -> None:
        """Keep the answer."""
        self._answers[cache_key] = remembered
        await self.release(cache_key)

    async def release(self, cache_key: str) -> None:
        """Let the next ask."""
        if (lock := self._asking.get(cache_key)) is not None and lock.locked():
            lock.release()

    async def open_call(
        self,
        asker: Asker,
        llm_model: str,
        cache_key: str,
        estimated_cost_usd: Decimal | None,
        ahead_usd: Decimal = Decimal(0),
    ) -> UUID:
        """Note the request.

        :raises BudgetSpentError: no request may be made
        """
        costs = (
            call.estimated_cost_usd if call.bill.cost_usd is None else call.bill.cost_usd
            for call in self._calls.values()
            if call.end is not None
        )
        spent = sum((cost for cost in costs if cost is not None), ahead_usd)
        self.budgets.check(spent, spent, in_crawl=asker.crawl_run_id is not None)
        call_id = uuid4()
        self._calls[call_id] = _Call(asker, estimated_cost_usd)
        return call_id

    async def close_call(self, call_id: UUID, end: CallEnd, bill: Bill) -> None:
        """Note its end."""
        self._calls[call_id].end, self._calls[call_id].bill = end, bill

    async def bill(self, asker: Asker) -> Bill:
        """Return the sum of the asker's answers."""
        calls = [call.bill for call in self._calls.values() if call.asker == asker and call.end == "answered"]
        return sum(calls, Bill())


@asynccontextmanager
async def claimed(answers: ModelAnswers, cache_key: str, llm_model: str) -> AsyncIterator[Remembered | None]:
    """Claim a question for the length of the block; a claim that the block leaves without an answer is given up."""
    remembered = await answers.claim(cache_key, llm_model)
    try:
        yield remembered
    except BaseException:
        if remembered is None:
            await answers.release(cache_key)
        raise
