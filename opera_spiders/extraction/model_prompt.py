"""What a model is told: the files of ``prompts/`` and the page, fenced as data."""

from __future__ import annotations

import json
import secrets
from importlib.resources import files
from string import Template

from opera_spiders.extraction.extractor import PageToExtract
from opera_spiders.extraction.model_schema import Form, JsonSchema, page_schema
from opera_spiders.extraction.page_parts import PagePart

Messages = list[tuple[str, str]]


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

    def question(self, page: PageToExtract, part: PagePart, part_name: str) -> Messages:
        """Return the messages that ask for ``part``. The fence is new for each question, so no page can close it."""
        blocks = page.blocks
        return [
            ("system", self.system),
            (
                "human",
                self._page.substitute(
                    url=" ".join(blocks.url.split()),
                    fetched=f"{page.fetched_at:%A %Y-%m-%d}",
                    domain=page.company_domain,
                    language=blocks.language or page.language or "unknown",
                    part=part_name,
                    fence=secrets.token_hex(8),
                    blocks=part.as_text(),
                ),
            ),
        ]

    def repair(self, question: Messages, answer: str, problem: str) -> Messages:
        """Return the messages that ask once more, with the unusable ``answer`` and what is wrong with it."""
        return [*question, ("ai", answer or "(empty)"), ("human", self._repair.substitute(problem=problem))]


def _file(name: str) -> str:
    return files("opera_spiders.extraction").joinpath("prompts", f"{name}.md").read_text(encoding="utf-8")
