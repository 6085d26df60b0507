"""Pages that need no model, because their structured data says all that they show."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from opera_spiders.bounded import BoundedProcesses, BoundExceededError, Threads
from opera_spiders.extraction.dates import find_dates, find_times
from opera_spiders.extraction.extractor import Extraction, PageToExtract
from opera_spiders.extraction.llm import ModelExtractor
from opera_spiders.extraction.model_fallback import ModelsInTurn
from opera_spiders.extraction.rules import RulesExtractor
from opera_spiders.text import key

_NOT_SHOWN = ("json", "meta", "title")


class StructuredFirst:
    """Leaves a page to the rules where a model could add nothing: each word it shows stands in its structured data.

    Dates are compared as dates: a page that shows one more evening than the data holds is the model's. A row that the
    rules wrote has ``llm_model`` rules, a cost of 0, and the models' version.

    :param processes: where pages are read
    """

    def __init__(self, models: ModelExtractor | ModelsInTurn, processes: BoundedProcesses | Threads) -> None:
        self.models = models
        self.llm_model = models.llm_model
        self.extraction_version = models.extraction_version
        self._processes = processes
        self._rules = RulesExtractor(processes)

    def describe(self) -> str:
        """Return for the log which models answer. No secret."""
        return f"{self.models.describe()}; not where structured data says all"

    async def extract(self, page: PageToExtract) -> Extraction:
        """Return what the rules read where that is all there is, else the models' answer.

        :raises ExtractorUnusableError: the model can answer no page
        """
        return await self.read_without_model(page) or await self.models.extract(page)

    async def read_without_model(self, page: PageToExtract) -> Extraction | None:
        """Return what the rules read, if nothing of the page is left to a model."""
        try:
            if not await self._processes.run(_is_all_structured, page):
                return None
        except BoundExceededError:
            return None
        read = await self._rules.extract(page)
        if read.raw_response is None or not read.raw_response["productions"] or not read.is_validated:
            return None
        if any(found["status"] == "absent" for found in read.evidence.values()):
            return None
        return replace(
            read,
            extraction_version=self.extraction_version,
            tokens_input=0,
            tokens_output=0,
            cost_usd=Decimal(0),
        )

    async def aclose(self) -> None:
        """Close the models' connections, and end the processes."""
        await self._rules.aclose()
        await self.models.aclose()


def _is_all_structured(page: PageToExtract) -> bool:
    """Tell whether each date shown, and each word beside dates and times, is one of the structured data."""
    data = " ".join(block.text for block in page.blocks.blocks if block.kind == "json")
    known = set(key(data).split())
    tag = page.blocks.locale or page.language
    for block in page.blocks.blocks:
        if block.chrome or block.kind in _NOT_SHOWN:
            continue
        text = block.text
        dates = find_dates(text, tag, page.fetched_at.date())
        if any(hit.date.isoformat() not in data for hit in dates):
            return False
        spans = [(hit.start, hit.end) for hit in dates]
        spans += [(hit.start, hit.end) for hit in find_times(text, tag)]
        for start, end in sorted(spans, reverse=True):
            text = f"{text[:start]} {text[end:]}"
        if not set(key(text).split()) <= known:
            return False
    return bool(known)
