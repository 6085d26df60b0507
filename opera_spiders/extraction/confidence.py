"""How far an answer can be trusted, from the evidence for its values; ``docs/confidence.md`` shows how well."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

RISKS = {
    "stated value": 0.001,
    "value stated elsewhere": 0.01,
    "any absent value": 1.3,
    "absent value": 0.004,
    "disputed value": 0.5,
}
"""How much each of these adds to the risk that something in the answer is wrong, as ``benchmarks.calibration`` fits it.

The chance that all is right is ``exp(-risk)``. A value the page does not state says more about the whole answer than
about itself; a disputed value is one that the rules read differently.
"""

NOTHING_FOUND = Decimal("0.50")
"""Confidence of an answer without a single value: nobody has checked that the page is as silent as it says."""


def confidence_of(evidence: Mapping[str, Mapping[str, Any]]) -> Decimal:
    """Return the chance, 0 to 1, that every value with this evidence is right."""
    counts = risk_counts(evidence)
    if not any(counts.values()) and not any(found["status"] == "reviewed" for found in evidence.values()):
        return NOTHING_FOUND
    risk = sum(RISKS[name] * count for name, count in counts.items())
    return Decimal(math.exp(-risk)).quantize(Decimal("0.01"))


def risk_counts(evidence: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """Return how often each risk occurs. What a person decided is none, nor is what says how a value was read."""
    counts = dict.fromkeys(RISKS, 0)
    for pointer, found in evidence.items():
        if pointer in ("/page_type", "/language") or pointer.endswith("/year_inferred"):
            continue
        match found["status"]:
            case "reviewed":
                continue
            case "absent":
                counts["absent value"] += 1
                counts["any absent value"] = 1
            case "elsewhere":
                counts["value stated elsewhere"] += 1
            case _:
                counts["stated value"] += 1
        counts["disputed value"] += "disagreement" in found
    return counts
