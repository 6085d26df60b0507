"""How far an answer can be trusted, from the evidence for its values."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

WEIGHTS: dict[str, Decimal] = {
    "verified": Decimal("1.00"),
    "reviewed": Decimal("1.00"),
    "section": Decimal("0.95"),
    "inferred": Decimal("0.95"),
    "elsewhere": Decimal("0.60"),
    "absent": Decimal("0.00"),
}
"""How much a value of each status counts in ``confidence_score``, the mean over all values (not yet calibrated)."""

NOTHING_FOUND = Decimal("0.50")
"""Confidence of an answer without a single value: nobody has checked that the page is as silent as it says."""


def confidence_of(evidence: Mapping[str, Mapping[str, Any]]) -> Decimal:
    """Return the score of an answer whose values have this evidence."""
    values = [found for pointer, found in evidence.items() if pointer not in ("/page_type", "/language")]
    if not values:
        return NOTHING_FOUND
    total = sum((WEIGHTS[found["status"]] for found in values), Decimal(0))
    return (total / len(values)).quantize(Decimal("0.01"))
