"""What a model is told: the files of ``prompts/`` and the page, fenced as data.

A question holds nothing that its answer does not depend on: no address, no company, the day of the fetch only as far
as dates of the text need it. So equal content is the same question, on whatever page and day.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from string import Template

from opera_spiders.extraction.blocks import Block
from opera_spiders.extraction.dates import find_dates
from opera_spiders.extraction.extractor import PageToExtract
from opera_spiders.extraction.model_schema import Form, JsonSchema, page_schema
from opera_spiders.extraction.page_parts import PagePart

Messages = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask about one part of a page. ``key`` is equal for equal questions of the same prompt."""

    messages: Messages
    key: str


class ModelPrompt:
    """The prompt for one form of structured output. Where a provider takes no schema, the prompt shows it."""

    def __init__(self, form: Form) -> None:
        self.schema: JsonSchema = page_schema(form)
        self.system = _file("system")
        if form == "plain":
            self.system += Template(_file("plain")).substitute(schema=json.dumps(self.schema, ensure_ascii=False))
        self._page = Template(_file("page"))
        self._repair = Template(_file("repair"))

    @property
    def text(self) -> str:
        """Return everything the prompt says on its own, schema included: what an extraction version depends on."""
        return "\n".join((self.system, self._page.template, self._repair.template, json.dumps(self.schema)))

    def question(self, page: PageToExtract, part: PagePart) -> Question:
        """Return what to ask about ``part``. The fence is new for each question, so no page can close it."""
        tag = page.blocks.locale or page.blocks.language or page.language
        told = {
            "language": page.blocks.language or page.language or "unknown",
            "fetched": _day_needed(part.shown, tag, page.fetched_at.date()),
            "blocks": part.as_text(),
        }
        parts = json.dumps([self.text, told], ensure_ascii=False)
        return Question(
            [("system", self.system), ("human", self._page.substitute(told, fence=secrets.token_hex(8)))],
            hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest(),
        )

    def repair(self, question: Question, answer: str, problem: str) -> Messages:
        """Return the messages that ask once more, with the unusable ``answer`` and what is wrong with it."""
        return [*question.messages, ("ai", answer or "(empty)"), ("human", self._repair.substitute(problem=problem))]


def _day_needed(blocks: Iterable[Block], tag: str | None, fetched: dt.date) -> str:
    """Return as much of the fetch date as the dates in ``blocks`` depend on.

    A date without year needs the month of the fetch, *today* its day, and a date with its year nothing at all.
    """
    is_year_missing = False
    for block in blocks:
        hits = find_dates(block.text, tag, fetched)
        if hits != find_dates(block.text, tag, fetched + dt.timedelta(days=1)):
            return f"{fetched:%A %Y-%m-%d}"
        is_year_missing = is_year_missing or any(hit.year_inferred for hit in hits)
    return f"{fetched:%B %Y}" if is_year_missing else "not needed"


def _file(name: str) -> str:
    return files("opera_spiders.extraction").joinpath("prompts", f"{name}.md").read_text(encoding="utf-8")
