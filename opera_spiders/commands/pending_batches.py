"""``scripts/extract_pending --batch``: ask OpenAI in batches, which cost less and may take a day."""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from opera_spiders.commands.extract_pending import PendingWork, to_extract
from opera_spiders.errors import UNREADABLE, BudgetSpentError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from opera_spiders.config import Config
    from opera_spiders.extraction.extractor import Extractor
    from opera_spiders.extraction.llm import ModelExtractor, Unanswered
    from opera_spiders.extraction.model_batches import OpenAIBatches
    from opera_spiders.warehouse.answers import StoredAnswers
    from opera_spiders.warehouse.server import Server
    from opera_spiders.warehouse.store import PendingPage

_PAGES = 500  # of one batch; OpenAI takes 50,000 questions and 200 MB


@asynccontextmanager
async def batch_work(  # noqa: PLR0917
    config: Config,
    server: Server,
    engine: AsyncEngine,
    extractor: Extractor,
    answers: StoredAnswers,
    options: dict[str, Any],
) -> AsyncIterator[BatchWork]:
    """Yield the work, as the only process that sends batches for this database.

    :raises BadInputError: another process does, or the model has no batch mode
    """
    from opera_spiders.extraction.extractors import first_model
    from opera_spiders.extraction.model_clients import openai_batches
    from opera_spiders.warehouse.answers import only_batch_worker

    label = f"{server.place} {extractor.extraction_version}"
    batches = openai_batches(config, hashlib.sha256(label.encode()).hexdigest()[:32])
    try:
        async with only_batch_worker(engine):
            yield BatchWork(
                engine, extractor, model=first_model(extractor), answers=answers, batches=batches, **options
            )
    finally:
        await batches.aclose()


class BatchWork(PendingWork):
    """Claims many pages at once and has their questions answered in batches; then they are read as always.

    What a batch leaves open (an answer that is malformed, a question that failed) is asked the usual way. A process
    that comes after one that was killed first collects what that one had sent.
    """

    def __init__(
        self, *arguments: Any, model: ModelExtractor, answers: StoredAnswers, batches: OpenAIBatches, **options: Any
    ) -> None:
        super().__init__(*arguments, **options)
        self.model = model
        self.answers = answers
        self.batches = batches
        self._unclaimed = self.pages_left
        self._ready: deque[PendingPage] = deque()
        self._sent: set[str] = set()  # a question gets one chance in a batch
        self._filling = asyncio.Lock()
        self._has_collected = False

    async def _claim(self) -> PendingPage | None:
        async with self._filling:
            if not self._has_collected:
                for batch_id in await self.batches.open():
                    print(f"Batch {batch_id} of an earlier run is collected", flush=True)
                    await self._collect(batch_id, {})
                self._has_collected = True
            if not self._ready:
                pages = await self._claim_pages(min(_PAGES, self._unclaimed)) if self._unclaimed else []
                self._unclaimed -= len(pages)
                while await self._ask(pages):
                    pass  # what was too long for one answer is asked again in halves
                self._ready.extend(pages)
            return self._ready.popleft() if self._ready else None

    async def _ask(self, pages: list[PendingPage]) -> bool:
        """Send a batch with every question about ``pages`` that nobody has asked; tell whether it brought new ones."""
        from opera_spiders.extraction.model_skipping import StructuredFirst

        skipping = self.extractor if isinstance(self.extractor, StructuredFirst) else None
        asked: dict[str, tuple[UUID, Unanswered]] = {}
        ahead_usd = Decimal(0)
        try:
            for page in pages:
                try:
                    to_read = await to_extract(page, self.reading)
                except UNREADABLE:
                    continue  # it is stored with its error when its turn comes
                if skipping and await skipping.read_without_model(to_read):
                    continue
                for question in await self.model.unanswered(to_read):
                    if question.key not in asked and question.key not in self._sent:
                        call_id, estimate = await self.model.open_call(question, to_read, ahead_usd)
                        asked[question.key] = call_id, question
                        ahead_usd += estimate
        except BudgetSpentError as error:
            print(f"The batch ends here: {error}", flush=True)
        if not asked:
            return False
        self._sent |= asked.keys()
        batch_id = await self.batches.submit([(call_id, question.messages) for call_id, question in asked.values()])
        print(f"Batch {batch_id}: {len(asked)} questions about {len(pages)} pages; may take a day", flush=True)
        await self._collect(batch_id, dict(asked.values()))
        return True

    async def _collect(self, batch_id: str, asked: dict[UUID, Unanswered]) -> None:
        """Store the answers of a batch, as often as it takes; then the provider need not keep them."""
        async for call_id, reply in self.batches.answers(batch_id):
            question = asked.get(call_id)
            key = question.key if question else await self.answers.key_of_call(call_id)
            if key is not None:
                await self.model.close_call(call_id, key, question.part if question else None, reply)
        await self.batches.forget(batch_id)
