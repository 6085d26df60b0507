"""A model's answer beside that of the rules: where both read a field and read it differently, somebody should look."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from typing import Any

from opera_spiders.errors import UNREADABLE
from opera_spiders.extraction.confidence import confidence_of
from opera_spiders.extraction.extractor import Extraction, PageToExtract
from opera_spiders.extraction.review import StatedValue, stated_values
from opera_spiders.extraction.rules import read_page
from opera_spiders.text import folded

# What is no fact of the page, or is written in many right ways.
_NOT_COMPARED = re.compile(r"(?:page_type|language|company\..*|.*\.(?:year_inferred|ticket_url|premiere_words))$")
_VALUES_NAMED = 3
_WORD = re.compile(r"\w+")


def beside_rules(extraction: Extraction, page: PageToExtract) -> Extraction:
    """Return a model's answer with ``disagreement`` in the evidence of each value that the rules read differently.

    Fields are compared by natural keys (the role of a performer, the performers of a role, the time of a date). Where
    a field has several values, one is disputed if each side has something there that the other lacks: what the rules
    merely miss is no disagreement.
    """
    try:
        rules = read_page(page).model_dump(mode="json")
    except UNREADABLE:
        return extraction
    read_by_rules = _by_field(rules)
    evidence = dict(extraction.evidence)
    for field, values in _by_field(extraction.raw_response or {}).items():
        others = read_by_rules.get(field, [])
        lacking = [other.printed for other in others if not any(_agree(other, value) for value in values)]
        if not lacking:
            continue
        for value in values:
            if value.pointer in evidence and not any(_agree(other, value) for other in others):
                read = " or ".join(dict.fromkeys(lacking[:_VALUES_NAMED]))
                evidence[value.pointer] = {**evidence[value.pointer], "disagreement": f"the rules read {read}"}
    return replace(extraction, evidence=evidence, confidence_score=confidence_of(evidence))


def _by_field(answer: dict[str, Any]) -> dict[str, list[StatedValue]]:
    fields: dict[str, list[StatedValue]] = defaultdict(list)
    for value in stated_values(answer):
        if value.printed and not _NOT_COMPARED.match(value.field):
            fields[folded(value.field)].append(value)
    return fields


def _agree(one: StatedValue, other: StatedValue) -> bool:
    """Tell whether two values say the same; a surname or a hall agrees with its full name."""
    ours, theirs = (frozenset(_WORD.findall(folded(each.printed))) for each in (one, other))
    return ours <= theirs or theirs <= ours
