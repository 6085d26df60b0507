"""Chooses the extractor that the configuration asks for, and says at once when it cannot work."""

from __future__ import annotations

from opera_spiders.bounded import BoundedProcesses
from opera_spiders.config import Config
from opera_spiders.extraction.extractor import Extractor
from opera_spiders.extraction.llm import ModelExtractor
from opera_spiders.extraction.model_prices import price_of
from opera_spiders.extraction.rules import RulesExtractor


def make_extractor(config: Config) -> Extractor:
    """Return the rules extractor, or with ``OPERA_LLM_MODEL`` the one that asks this model.

    :raises BadInputError: the model cannot be used as configured; one line that says what to change
    """
    if config.opera_llm_model is None:
        return RulesExtractor(BoundedProcesses(cpu_seconds=config.opera_reading_cpu_seconds))

    # LangChain and the clients of the providers take four seconds, which a crawl by rules need not wait.
    from opera_spiders.extraction.model_clients import model_endpoint  # noqa: PLC0415

    return ModelExtractor(
        model_endpoint(config, config.opera_llm_model),
        price_of(config.opera_llm_model),
        concurrency=config.opera_llm_concurrency,
    )


def describe(extractor: Extractor) -> str:
    """Return one line for the log about what reads the pages. It holds no secret."""
    return extractor.describe() if isinstance(extractor, ModelExtractor) else "rules (no model, no cost)"
