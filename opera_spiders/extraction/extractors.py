"""Chooses the extractor that the configuration asks for, and says at once when it cannot work."""

from __future__ import annotations

from opera_spiders.bounded import BoundedProcesses
from opera_spiders.config import Config
from opera_spiders.errors import BadInputError
from opera_spiders.extraction.extractor import Extractor
from opera_spiders.extraction.llm import ModelExtractor
from opera_spiders.extraction.model_answers import AnswersInMemory, Budgets, ModelAnswers
from opera_spiders.extraction.model_prices import ModelPrice, price_of
from opera_spiders.extraction.rules import RulesExtractor


def make_extractor(config: Config, answers: ModelAnswers | None = None) -> Extractor:
    """Return the rules extractor, or with ``OPERA_LLM_MODEL`` the one that asks this model.

    :param answers: what remembers answers and costs; without it this process alone does
    :raises BadInputError: the model cannot be used as configured; one line that says what to change
    """
    if config.opera_llm_model is None:
        return RulesExtractor(BoundedProcesses(cpu_seconds=config.opera_reading_cpu_seconds))

    # LangChain and the clients of the providers take four seconds, which a crawl by rules need not wait.
    from opera_spiders.extraction.model_clients import model_endpoint  # noqa: PLC0415

    return ModelExtractor(
        model_endpoint(config, config.opera_llm_model),
        _price(config, config.opera_llm_model),
        concurrency=config.opera_llm_concurrency,
        answers=answers or AnswersInMemory(budgets(config)),
    )


def budgets(config: Config) -> Budgets:
    """Return what may be spent on models."""
    return Budgets(config.opera_llm_budget_usd, config.opera_llm_budget_usd_per_day)


def _price(config: Config, llm_model: str) -> ModelPrice | None:
    """Return what the model costs.

    :raises BadInputError: there is a budget, and nobody knows the price
    """
    price = price_of(llm_model)
    if price is None and budgets(config) != Budgets():
        raise BadInputError(
            f"A budget is set (OPERA_LLM_BUDGET_USD…), and {llm_model} has no price by which to keep it. "
            "Add its row to opera_spiders/data/model_prices.csv, or unset the budget."
        )
    return price


def describe(extractor: Extractor) -> str:
    """Return one line for the log about what reads the pages. It holds no secret."""
    return extractor.describe() if isinstance(extractor, ModelExtractor) else "rules (no model, no cost)"
