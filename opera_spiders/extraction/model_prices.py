"""What models cost: ``data/model_prices.csv``, a table the user may edit."""

from __future__ import annotations

import csv
import logging
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files

from opera_spiders.errors import BadInputError

logger = logging.getLogger(__name__)

_TOKENS_PER_PRICE = 1_000_000
_SNAPSHOT = re.compile(r"-\d{4}-\d{2}-\d{2}$")


@dataclass(frozen=True, slots=True)
class ModelPrice:
    """List price of one model. Discounts (cached input, batches) are left out, so a cost is never too low."""

    input_usd_per_million_tokens: Decimal
    output_usd_per_million_tokens: Decimal

    def __str__(self) -> str:
        return f"{self.input_usd_per_million_tokens}/{self.output_usd_per_million_tokens} USD per million tokens in/out"

    def cost_usd(self, tokens_input: int, tokens_output: int) -> Decimal:
        """Return what so many tokens cost, unrounded."""
        return (
            tokens_input * self.input_usd_per_million_tokens + tokens_output * self.output_usd_per_million_tokens
        ) / _TOKENS_PER_PRICE


def price_of(llm_model: str) -> ModelPrice | None:
    """Return the price of ``provider:model``; a dated snapshot costs what its model costs. None when unknown.

    :raises BadInputError: the table holds a price that is not a number, or lacks a column
    """
    prices = _read_prices()
    price = prices.get(llm_model) or prices.get(_SNAPSHOT.sub("", llm_model))
    if price is None:
        _warn_of_no_price(llm_model)
    return price


@cache
def _warn_of_no_price(llm_model: str) -> None:
    """Log the warning once in a process."""
    logger.warning(
        "No price for %s in data/model_prices.csv: its cost is stored as unknown. Add a row to have it counted.",
        llm_model,
    )


def _read_prices() -> dict[str, ModelPrice]:
    table = files("opera_spiders.data").joinpath("model_prices.csv").read_text(encoding="utf-8")
    prices = {}
    for number, row in enumerate(csv.DictReader(table.splitlines()), start=2):
        try:
            prices[row["model"]] = ModelPrice(
                Decimal(row["cost_usd_per_million_tokens_input"]), Decimal(row["cost_usd_per_million_tokens_output"])
            )
        except (KeyError, TypeError, InvalidOperation) as error:
            raise BadInputError(
                f"data/model_prices.csv line {number} cannot be read: each row needs model, "
                "cost_usd_per_million_tokens_input and cost_usd_per_million_tokens_output as plain numbers."
            ) from error
    return prices
