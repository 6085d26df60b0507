"""What people decided about values: named by field and printed value, so that it holds for whoever reads the page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from pydantic import ValidationError

from opera_spiders.extraction.confidence import confidence_of
from opera_spiders.extraction.evidence import date_of
from opera_spiders.extraction.extractor import Extraction
from opera_spiders.extraction.schema import PageExtraction
from opera_spiders.text import squeeze

REVIEW = "review"
"""``llm_model`` and ``extraction_version`` of an answer that people decided about."""

Verdict = Literal["confirmed", "corrected", "rejected"]

_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
_NATURAL_KEYS = {
    "productions": ("opera_title",),
    "works": ("title",),
    "creative_team": ("name", "function"),
    "cast_members": ("performer", "role"),
    "performances": ("date", "time"),
    "ticket_prices": ("category", "min", "max"),
    "nights": ("date", "time"),
    "financials": ("fiscal_year",),
}
"""By which of its fields an element of a list is known; a field is not named by itself."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about one value of a page.

    ``field`` names it by natural keys, such as ``productions[Tosca].cast_members[Floria Tosca].performer``.
    ``printed_value`` is what was read, empty where nothing was; ``decided_value`` what is right, of a correction.
    """

    field: str
    printed_value: str
    verdict: Verdict
    decided_value: str | None = None


class StatedValue(NamedTuple):
    """A leaf of an answer: where it stands, its name by natural keys, and its text (empty for null)."""

    pointer: str
    field: str
    printed: str


def stated_values(answer: dict[str, Any]) -> Iterator[StatedValue]:
    """Yield every leaf of a PageExtraction that a person can decide about, nulls too."""
    yield from _leaves(answer, "", "", None)


def _leaves(node: dict[str, Any], pointer: str, path: str, list_name: str | None) -> Iterator[StatedValue]:
    for name, value in node.items():
        at = f"{pointer}/{name}"
        named = path + _keyed(node, list_name, name)
        field = f"{named}.{name}" if named else name
        if isinstance(value, dict):
            yield from _leaves(value, at, field, None)
        elif isinstance(value, list):
            for number, item in enumerate(value):
                if isinstance(item, dict):
                    yield from _leaves(item, f"{at}/{number}", field, name)
                else:
                    yield StatedValue(f"{at}/{number}", field, printed(item))
        elif name != "block":
            yield StatedValue(at, field, printed(value))


def _keyed(node: dict[str, Any], list_name: str | None, name: str) -> str:
    """Return the natural key of a list's element in brackets, without the field that is being named."""
    if list_name is None:
        return ""
    parts = [printed(node.get(part)) for part in _NATURAL_KEYS[list_name] if part != name]
    if list_name == "productions" and not any(parts) and name != "production_title":
        parts = [printed(node.get("production_title"))]
    return f"[{', '.join(filter(None, parts))}]"


def printed(value: Any) -> str:
    """Return a leaf as text, empty for null: what a person sees, types and compares.

    >>> printed(25.0), printed(True), printed(None)
    ('25.0', 'true', '')
    """
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def folded_question(field: str, value: str) -> tuple[str, str]:
    """Return the form in which fields and printed values compare: case and white space make no other question."""
    return squeeze(field).casefold(), squeeze(value).casefold()


def reviewed(extraction: Extraction, decisions: Sequence[Decision]) -> Extraction | None:
    """Return an answer as people decided it; None when no decision is about any of its values.

    A confirmed or corrected value has the status ``reviewed`` and nothing holds it back; a rejected one is ``absent``.
    What a correction found right is right where it is read, too.
    """
    assert extraction.raw_response is not None
    result = replace(
        extraction,
        extraction_version=REVIEW,
        llm_model=REVIEW,
        tokens_input=None,
        tokens_output=None,
        cost_usd=None,
    )
    by_question = _by_question(decisions)
    done: set[tuple[str, Decision]] = set()
    # A corrected title is part of the names of other fields; so they are read again until nothing changes.
    while to_do := [
        (value, decision)
        for value in stated_values(result.raw_response or {})
        if (decision := by_question.get(folded_question(value.field, value.printed)))
        and (value.pointer, decision) not in done
    ]:
        for value, decision in to_do:
            result = _decided(result, value.pointer, decision, {pointer for pointer, _ in done})
            done.add((value.pointer, decision))
    if not done:
        return None
    return replace(result, confidence_score=confidence_of(result.evidence), is_validated=not result.validation_errors)


def _by_question(decisions: Sequence[Decision]) -> dict[tuple[str, str], Decision]:
    implied = {
        folded_question(each.field, each.decided_value): Decision(each.field, each.decided_value, "confirmed")
        for each in decisions
        if each.decided_value is not None
    }
    return implied | {folded_question(each.field, each.printed_value): each for each in decisions}


def _decided(extraction: Extraction, pointer: str, decision: Decision, decided: set[str]) -> Extraction:
    """Return the answer with one value as decided; unchanged where the contract does not take the right value.

    Who says that Ben Beispiel is the conductor says so of both: what names the field is confirmed with its value,
    unless it was decided about itself.
    """
    answer = extraction.raw_response or {}
    if decision.decided_value is not None:
        try:
            answer = with_value(answer, pointer, decision.decided_value)
        except ValueError:
            return extraction
    status = "absent" if decision.verdict == "rejected" else "reviewed"
    statuses = {pointer: status}
    if status == "reviewed":
        statuses |= {other: status for other in _named_with(answer, pointer) if other not in decided}
    evidence = dict(extraction.evidence)
    for each, told in statuses.items():
        found = evidence.get(each) or {"block": None, "xpath": None, "quote": ""}
        evidence[each] = {**{name: found[name] for name in found if name != "disagreement"}, "status": told}
    errors = [error for error in extraction.validation_errors if error["pointer"] not in statuses]
    return replace(extraction, raw_response=answer, evidence=evidence, validation_errors=errors)


def _named_with(answer: dict[str, Any], pointer: str) -> Iterator[str]:
    """Yield the pointers of the values that name an element of a list together with the one at ``pointer``."""
    *parents, name = pointer.strip("/").split("/")
    names = _NATURAL_KEYS.get(parents[-2], ()) if len(parents) > 2 else ()
    if name in names:
        element: Any = answer
        for part in parents:
            element = element[int(part)] if isinstance(element, list) else element[part]
        yield from (f"/{'/'.join(parents)}/{other}" for other in names if other != name and element[other] is not None)


def with_value(answer: dict[str, Any], pointer: str, text: str) -> dict[str, Any]:
    """Return an answer with another value at ``pointer``.

    :raises ValueError: the field takes no such value; the text says what it takes
    """
    *parents, name = pointer.strip("/").split("/")
    changed = deepcopy(answer)
    holder: Any = changed
    for part in parents:
        holder = holder[int(part)] if isinstance(holder, list) else holder[part]
    holder[int(name) if isinstance(holder, list) else name] = text
    if (name == "date" or name.endswith("_date") or name.startswith("period_")) and date_of(text) is None:
        raise ValueError("a date is YYYY-MM-DD")
    if name == "time" and not _TIME.fullmatch(text):
        raise ValueError("a time is HH:MM in 24 hours")
    try:
        return PageExtraction.model_validate(changed).model_dump(mode="json")
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"]) from None
