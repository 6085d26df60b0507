"""Answers and costs of models, shared by every process with the same database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from opera_spiders.errors import BudgetSpentError
from opera_spiders.extraction.model_answers import AnswersInMemory, Asker, Bill, Budgets, ModelAnswers, Remembered
from opera_spiders.warehouse.answers import StoredAnswers
from opera_spiders.warehouse.server import Server

MODEL = "openai:gpt-4o-mini"
ANSWER = Remembered({"page_type": "other"})
PAID = Bill(100, 10, Decimal("0.000021"))
Make = Callable[..., ModelAnswers]


@pytest.fixture(params=["in memory", "in the database"])
async def make(request: pytest.FixtureRequest) -> AsyncIterator[Make]:
    """Both implementations keep the same promises."""
    if request.param == "in memory":
        yield lambda **budgets: AnswersInMemory(Budgets(**budgets))
        return
    engine = request.getfixturevalue("database").async_engine()
    yield lambda **budgets: StoredAnswers(engine.begin, Budgets(**budgets))
    await engine.dispose()


async def test_an_answer_is_asked_for_once_and_then_known(make: Make) -> None:
    answers = make()
    assert await answers.claim("question", MODEL) is None
    await answers.remember("question", MODEL, ANSWER, PAID)
    assert await answers.claim("question", MODEL) == ANSWER
    assert await answers.claim("another", MODEL) is None


async def test_content_too_long_for_the_model_is_known_as_such(make: Make) -> None:
    answers = make()
    assert await answers.claim("question", MODEL) is None
    await answers.remember("question", MODEL, Remembered(None), PAID)
    assert await answers.claim("question", MODEL) == Remembered(None)


async def test_who_comes_while_a_question_is_asked_gets_its_answer(make: Make) -> None:
    answers = make()
    assert await answers.claim("question", MODEL) is None
    waiting = asyncio.create_task(answers.claim("question", MODEL))
    done, _ = await asyncio.wait({waiting}, timeout=0.3)
    assert not done
    await answers.remember("question", MODEL, ANSWER, PAID)
    assert await waiting == ANSWER


async def test_a_question_that_got_no_answer_may_be_asked_again(make: Make) -> None:
    answers = make()
    assert await answers.claim("question", MODEL) is None
    waiting = asyncio.create_task(answers.claim("question", MODEL))
    await answers.release("question")
    assert await waiting is None


async def spend(answers: ModelAnswers, asker: Asker, *bills: Bill, estimate: Decimal | None = None) -> None:
    for bill in bills:
        await answers.close_call(await answers.open_call(asker, MODEL, "question", estimate), "answered", bill)


async def test_the_bill_is_the_sum_of_all_answers_to_a_page(make: Make) -> None:
    answers = make()
    asker = Asker(uuid4(), "model-1")
    assert await answers.bill(asker) == Bill(0, 0, Decimal(0))
    await spend(answers, asker, PAID, PAID)
    await spend(answers, Asker(uuid4(), "model-1"), PAID)
    refused = await answers.open_call(asker, MODEL, "question", Decimal(1))
    await answers.close_call(refused, "refused", Bill())
    await answers.open_call(asker, MODEL, "question", Decimal(1))
    assert await answers.bill(asker) == Bill(200, 20, Decimal("0.000042"))


@pytest.mark.parametrize("unknown", [Bill(None, None, None), Bill(100, 10, None)], ids=["uncounted", "unpriced"])
async def test_an_unknown_part_makes_the_bill_unknown_and_not_smaller(make: Make, unknown: Bill) -> None:
    answers = make()
    asker = Asker(uuid4(), "model-1")
    await spend(answers, asker, PAID, unknown)
    bill = await answers.bill(asker)
    assert bill.cost_usd is None
    assert bill.tokens_input == (None if unknown.tokens_input is None else 200)


@pytest.mark.parametrize(
    ("budgets", "crawl", "words"),
    [
        ({"run_usd": Decimal("0.5")}, uuid4(), "OPERA_LLM_BUDGET_USD=0.5 is spent: 0.6000 USD by this crawl"),
        ({"run_usd": Decimal("0.5")}, None, "OPERA_LLM_BUDGET_USD=0.5 is spent: 0.6000 USD today outside of crawls"),
        ({"day_usd": Decimal("0.5")}, uuid4(), "OPERA_LLM_BUDGET_USD_PER_DAY=0.5 is spent: 0.6000 USD today"),
    ],
)
async def test_no_request_is_made_once_a_budget_is_spent(
    make: Make, budgets: dict[str, Any], crawl: UUID | None, words: str
) -> None:
    answers = make(**budgets)
    asker = Asker(uuid4(), "model-1", crawl)
    await spend(answers, asker, Bill(1, 1, Decimal("0.3")), Bill(1, 1, Decimal("0.3")))
    with pytest.raises(BudgetSpentError, match=words):
        await answers.open_call(asker, MODEL, "question", None)


async def test_a_request_whose_cost_is_unknown_counts_towards_the_budget_by_its_estimate(make: Make) -> None:
    answers = make(day_usd=Decimal("0.5"))
    asker = Asker(uuid4(), "model-1")
    await answers.close_call(await answers.open_call(asker, MODEL, "q", Decimal("0.7")), "lost", Bill(None, None, None))
    with pytest.raises(BudgetSpentError):
        await answers.open_call(asker, MODEL, "q", None)


async def test_crawls_have_a_budget_each_and_the_day_one_for_all(database: Server) -> None:
    engine = database.async_engine()
    answers = StoredAnswers(engine.begin, Budgets(run_usd=Decimal(1), day_usd=Decimal(2)))
    for _ in range(2):
        await spend(answers, Asker(uuid4(), "model-1", uuid4()), Bill(1, 1, Decimal("0.9")))
    await spend(answers, Asker(uuid4(), "model-1", uuid4()), Bill(1, 1, Decimal("0.3")))
    with pytest.raises(BudgetSpentError, match="PER_DAY=2"):
        await spend(answers, Asker(uuid4(), "model-1", uuid4()), PAID)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE staging.llm_calls SET asked_at = asked_at - interval '1 day'"))
    await spend(answers, Asker(uuid4(), "model-1", uuid4()), PAID)
    await engine.dispose()


async def test_a_question_of_a_process_that_died_is_free_at_once(database: Server) -> None:
    engine = database.async_engine()
    answers = StoredAnswers(engine.begin, Budgets())
    assert await answers.claim("question", MODEL) is None
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE staging.llm_answers SET session = 'opera/of the dead'"))
    assert await asyncio.wait_for(answers.claim("question", MODEL), timeout=30) is None
    await engine.dispose()
