"""Chooses the extractor that the configuration asks for, and says at once when it cannot work."""

from __future__ import annotations

from opera_spiders.bounded import BoundedProcesses
from opera_spiders.config import Config
from opera_spiders.errors import BadInputError
from opera_spiders.extraction.extractor import Extractor
from opera_spiders.extraction.llm import ModelExtractor
from opera_spiders.extraction.model_answers import AnswersInMemory, Budgets, ModelAnswers
from opera_spiders.extraction.model_chrome import SiteChrome
from opera_spiders.extraction.model_fallback import ModelsInTurn
from opera_spiders.extraction.model_prices import ModelPrice, price_of
from opera_spiders.extraction.model_skipping import StructuredFirst
from opera_spiders.extraction.rules import RulesExtractor


def make_extractor(config: Config, answers: ModelAnswers | None = None, chrome: SiteChrome | None = None) -> Extractor:
    """Return the rules extractor, or with ``OPERA_LLM_MODEL`` the one that asks this model. Either reads in bounds.

    :param answers: what remembers answers and costs; without it this process alone does
    :param chrome: what knows the chrome of sites; without it prompts hold it
    :raises BadInputError: a model cannot be used as configured; one line that says what to change
    """
    processes = BoundedProcesses(cpu_seconds=config.opera_reading_cpu_seconds)
    if config.opera_llm_model is None:
        if config.opera_llm_fallback_model is not None:
            raise BadInputError(
                "OPERA_LLM_FALLBACK_MODEL is set, but no OPERA_LLM_MODEL to be asked before it. Set both."
            )
        return RulesExtractor(processes)
    answers = answers or AnswersInMemory(budgets(config))
    first = _model_extractor(config, config.opera_llm_model, answers, chrome, processes)
    models: ModelExtractor | ModelsInTurn = first
    if config.opera_llm_fallback_model is not None:
        second = _model_extractor(config, config.opera_llm_fallback_model, answers, chrome, processes)
        models = ModelsInTurn(first, second)
    return StructuredFirst(models, processes) if config.opera_llm_skip_structured == "on" else models


def _model_extractor(
    config: Config, llm_model: str, answers: ModelAnswers, chrome: SiteChrome | None, processes: BoundedProcesses
) -> ModelExtractor:
    # LangChain and the clients of the providers take four seconds, which a crawl by rules need not wait.
    from opera_spiders.extraction.model_clients import model_endpoint  # noqa: PLC0415

    endpoint = model_endpoint(config, llm_model)
    return ModelExtractor(
        endpoint,
        _price(config, llm_model),
        concurrency=config.opera_llm_concurrency,
        answers=answers,
        chrome=chrome,
        processes=processes,
    )


def first_model(extractor: Extractor) -> ModelExtractor:
    """Return the model that is asked first."""
    if isinstance(extractor, StructuredFirst):
        extractor = extractor.models
    model = extractor.first if isinstance(extractor, ModelsInTurn) else extractor
    assert isinstance(model, ModelExtractor), "rules ask no model"
    return model


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
    if isinstance(extractor, ModelExtractor | ModelsInTurn | StructuredFirst):
        return extractor.describe()
    return "rules (no model, no cost)"
