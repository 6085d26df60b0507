"""A cheap model first, a strong one for what the cheap one gets wrong."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from uuid import uuid4

from opera_spiders.extraction.extractor import Extraction, PageToExtract
from opera_spiders.extraction.llm import ModelExtractor

logger = logging.getLogger(__name__)

_ABSENT_SHARE = 0.05  # a slip or two in a long cast are held back by their status; more is a model out of its depth


class ModelsInTurn:
    """Asks ``first``; where its answer fails, ``second``. The ledger has the requests to both, the page pays for both.

    ``llm_model`` of an extraction is the model whose answer was taken.
    """

    def __init__(self, first: ModelExtractor, second: ModelExtractor) -> None:
        self.first = first
        self.second = second
        self.llm_model = first.llm_model
        versions = f"{first.extraction_version} {second.extraction_version} {_ABSENT_SHARE}"
        self.extraction_version = f"model-{hashlib.sha256(versions.encode()).hexdigest()[:16]}"
        first.extraction_version = second.extraction_version = self.extraction_version

    def describe(self) -> str:
        """Return for the log which models answer. No secret."""
        return f"{self.first.describe()}; then, what fails, by {self.second.describe()}"

    async def extract(self, page: PageToExtract) -> Extraction:
        """Return the first model's answer, or the second's where that is needed and there is one.

        :raises ExtractorUnusableError: the model that is to be asked can answer no page
        """
        page = replace(page, page_id=page.page_id or uuid4())
        answer = await self.first.extract(page)
        failing = _failing(answer)
        if failing is None:
            return answer
        logger.info("%s: %s is asked, as %s", page.blocks.url, self.second.llm_model, failing)
        other = await self.second.extract(page)
        if other.error is None or answer.error is not None:
            return other
        # The bill is of the page: that of the later answer holds both.
        return replace(
            answer, tokens_input=other.tokens_input, tokens_output=other.tokens_output, cost_usd=other.cost_usd
        )

    async def aclose(self) -> None:
        """Close the connections of both."""
        await self.first.aclose()
        await self.second.aclose()


def _failing(answer: Extraction) -> str | None:
    """Return what is wrong with an answer; None when nothing is."""
    if answer.error is not None:
        return f"there is no answer ({answer.error})"
    if not answer.is_validated:
        return f"{len(answer.validation_errors)} values are invalid"
    absent = sum(found["status"] == "absent" for found in answer.evidence.values())
    if absent > _ABSENT_SHARE * len(answer.evidence):
        return f"the page does not state {absent} of {len(answer.evidence)} values"
    return None
