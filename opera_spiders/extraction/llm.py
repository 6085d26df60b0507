"""The extractor that asks a language model. Whatever it answers is checked against the page before it counts."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any, get_args
from uuid import UUID, uuid4

from pydantic import ValidationError

from opera_spiders.bounded import BoundedProcesses, BoundExceededError, Threads
from opera_spiders.errors import ExtractionError
from opera_spiders.extraction import grounding
from opera_spiders.extraction.extractor import Extraction, PageToExtract
from opera_spiders.extraction.merge import merge
from opera_spiders.extraction.model_answers import AnswersInMemory, Asker, Bill, ModelAnswers, Remembered, claimed
from opera_spiders.extraction.model_calls import ModelCalls, ModelEndpoint, QuestionTooLongError, Reply
from opera_spiders.extraction.model_chrome import SiteChrome, without_chrome
from opera_spiders.extraction.model_cross_check import beside_rules
from opera_spiders.extraction.model_prices import ModelPrice
from opera_spiders.extraction.model_prompt import Messages, ModelPrompt, Question
from opera_spiders.extraction.page_parts import PagePart, page_parts
from opera_spiders.extraction.schema import PageExtraction, PageType

logger = logging.getLogger(__name__)

# Raise it when answers change for a reason outside model, prompt and schema: another way to cut pages, say.
_REVISION = 2
_PART_BYTES = 40_000  # about 12 000 tokens of question; the JSON of a full calendar is longer than its text
_NUL = re.compile(r"(\\\\)|\\u0000")  # an escaped backslash may stand before u0000 and stays


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question nobody has the answer to: its key, what to send, what it is about."""

    key: str
    messages: Messages
    part: PagePart


class ModelExtractor:
    """Asks the model about each part of a page, and about no content twice.

    A truncated answer halves its part and asks again; an answer that does not fit the schema gets one chance of
    repair. What then remains is an Extraction with ``error``. Answers are remembered by what they depend on; each page
    checks them anew.

    :param processes: where answers are checked against their pages
    """

    def __init__(
        self,
        endpoint: ModelEndpoint,
        price: ModelPrice | None,
        *,
        concurrency: int,
        processes: BoundedProcesses | Threads,
        answers: ModelAnswers | None = None,
        chrome: SiteChrome | None = None,
        part_bytes: int = _PART_BYTES,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.llm_model = endpoint.llm_model
        self.prompt = ModelPrompt(endpoint.form)
        self.extraction_version = _digest(endpoint.llm_model, self.prompt.text)
        self.answers = answers or AnswersInMemory()
        self._chrome = chrome
        self._endpoint = endpoint
        self._part_bytes = part_bytes
        self._processes = processes
        self._calls = ModelCalls(endpoint, price, self.answers, concurrency, sleep)

    def describe(self) -> str:
        """Return for the log which model answers, where, how many calls at a time, at what price. No secret."""
        price = self._calls.price or "at an unknown price"
        return f"{self.llm_model} at {self._endpoint.address}, {self._calls.concurrency} calls at a time, {price}"

    async def extract(self, page: PageToExtract) -> Extraction:
        """Return what the model reads from the page, checked, or the error that kept it from answering.

        :raises ExtractorUnusableError: the model can answer no page until somebody changes something; raised again
            for every further page, without a call. Such pages stay pending. A spent budget is one such case.
        """
        asker = Asker(page.page_id or uuid4(), self.extraction_version, page.crawl_run_id)
        answers: list[PageExtraction] = []
        try:
            for part in await self._parts(page):
                answers += await self._read(page, part, asker)
            answer = merge(answers) if answers else _nothing(page)
            extraction = await self._checked(answer, page)
        except (ExtractionError, BoundExceededError) as error:
            extraction = Extraction(self.extraction_version, self.llm_model, error=f"{self.llm_model}: {error}")
        return replace(extraction, **asdict(await self.answers.bill(asker)))

    async def _checked(self, answer: PageExtraction, page: PageToExtract) -> Extraction:
        """Return an answer with evidence for its values, and what the rules read differently where they can be asked.

        :raises BoundExceededError: the page cannot be checked
        """
        extraction = await self._processes.run(
            grounding.checked,
            answer,
            page,
            extraction_version=self.extraction_version,
            llm_model=self.llm_model,
        )
        with suppress(BoundExceededError):
            extraction = await self._processes.run(beside_rules, extraction, page)
        return extraction

    async def aclose(self) -> None:
        """Close the connections to the model's server, and end the processes."""
        self._processes.close()
        await self._endpoint.close()

    async def _parts(self, page: PageToExtract) -> list[PagePart]:
        """Return what to ask about: the page without the chrome of its site, unless the whole page is known already."""
        whole = page_parts(page.blocks, self._part_bytes)
        chrome = await self._chrome.of(page.company_domain) if self._chrome else frozenset()
        trimmed = page_parts(without_chrome(page.blocks, chrome), self._part_bytes)
        if trimmed == whole or all([await self._is_known(page, part) for part in whole]):
            return whole
        return trimmed

    async def _is_known(self, page: PageToExtract, part: PagePart) -> bool:
        """Tell whether a part can be read without asking."""
        return not await self._unanswered(page, part)

    async def unanswered(self, page: PageToExtract) -> list[Unanswered]:
        """Return what must be asked about a page before it can be read."""
        return [question for part in await self._parts(page) for question in await self._unanswered(page, part)]

    async def _unanswered(self, page: PageToExtract, part: PagePart) -> list[Unanswered]:
        question = self.prompt.question(page, part)
        key = _cache_key(self.llm_model, question)
        remembered = await self.answers.find(key)
        if remembered is None:
            return [Unanswered(key, question.messages, part)]
        if remembered.answer is not None:
            return []
        return [found for half in part.halves() or () for found in await self._unanswered(page, half)]

    async def open_call(self, question: Unanswered, page: PageToExtract, ahead_usd: Decimal) -> tuple[UUID, Decimal]:
        """Note that a question is asked in a batch; return the call's id and what it may cost, 0 when unknown.

        :param ahead_usd: what the batch may cost so far
        :raises BudgetSpentError: it may not be asked
        """
        asker = Asker(page.page_id or uuid4(), self.extraction_version, page.crawl_run_id)
        estimate = self._calls.estimate(question.messages)
        return await self.answers.open_call(
            asker, self.llm_model, question.key, estimate, ahead_usd
        ), estimate or Decimal(0)

    async def close_call(self, call_id: UUID, key: str, part: PagePart | None, reply: Reply | None) -> None:
        """Keep the answer to a question of a batch. One that is of no use is paid for, and the page asks anew.

        :param part: what was asked about; None when the process that knew is gone
        """
        if reply is None:
            await self.answers.close_call(call_id, "refused", Bill())
            return
        bill = self._calls.bill(reply)
        remembered = None
        if reply.is_truncated:
            remembered = Remembered(None) if part is not None and part.halves() is not None else None
        elif not reply.is_refused:
            with suppress(ValueError):
                remembered = Remembered(_parsed(reply.text).model_dump(mode="json"))
        if remembered is not None:
            await self._remember(key, remembered, bill)
        await self.answers.close_call(call_id, "answered", bill)

    async def _read(self, page: PageToExtract, part: PagePart, asker: Asker) -> list[PageExtraction]:
        """Return the answers for a part: one, or more where it had to be halved."""
        question = self.prompt.question(page, part)
        key = _cache_key(self.llm_model, question)
        async with claimed(self.answers, key, self.llm_model) as known:
            remembered = known or await self._ask(question, part, key, asker)
        if remembered.answer is not None:
            return [_for_page(remembered.answer, part)]
        halves = _halves(part)
        logger.info("%s: blocks %s are too long for one answer; asking for each half", page.blocks.url, part.name)
        return [answer for half in halves for answer in await self._read(page, half, asker)]

    async def _ask(self, question: Question, part: PagePart, key: str, asker: Asker) -> Remembered:
        """Return what the model makes of a question; it is remembered.

        :raises ExtractionError: it gives no usable answer
        """
        messages = question.messages
        bill = Bill()
        problem = None
        for _ in range(2):
            try:
                reply = await self._calls.ask(messages, asker, key)
            except QuestionTooLongError:
                return await self._remember(key, _too_long(part), bill)
            bill += self._calls.bill(reply)
            if reply.is_truncated:
                return await self._remember(key, _too_long(part), bill)
            if reply.is_refused:
                said = f": {reply.refusal}" if reply.refusal else ""
                raise ExtractionError(f"the model declined to answer ({reply.finish_reason or 'refusal'}){said[:200]}")
            try:
                answer = _parsed(reply.text)
            except ValueError as error:
                problem = str(error)
            else:
                return await self._remember(key, Remembered(answer.model_dump(mode="json")), bill)
            messages = self.prompt.repair(question, reply.text, problem)
        raise ExtractionError(
            f"the answer for blocks {part.name} does not fit the schema, nor does its repair ({problem}). "
            "If many pages say this, choose a model with structured outputs."
        )

    async def _remember(self, key: str, remembered: Remembered, bill: Bill) -> Remembered:
        await self.answers.remember(key, self.llm_model, remembered, bill)
        return remembered


def _halves(part: PagePart) -> tuple[PagePart, PagePart]:
    """Return a part that is too long as two.

    :raises ExtractionError: it cannot be cut
    """
    halves = part.halves()
    if halves is None:
        raise ExtractionError(
            f"block {part.name} alone is too long for the model or its answer. Raise OPERA_LLM_MAX_OUTPUT_TOKENS "
            "or choose a model with a longer context."
        )
    return halves


def _too_long(part: PagePart) -> Remembered:
    """Return that a part is to be halved.

    :raises ExtractionError: it cannot be; not remembered, as a higher limit may help
    """
    _halves(part)
    return Remembered(None)


def _for_page(answer: dict[str, Any], part: PagePart) -> PageExtraction:
    """Return an answer about the text of ``part`` with the ids its blocks have in the page."""
    ids = part.page_ids()

    def renamed(node: Any) -> Any:
        match node:
            case dict():
                return {
                    # b0 is no block of any page: an id the model made up must not hit one by chance.
                    name: ids.get(value, "b0") if name == "block" else renamed(value)
                    for name, value in node.items()
                }
            case list():
                return [renamed(item) for item in node]
        return node

    return PageExtraction.model_validate(renamed(answer))


def _parsed(text: str) -> PageExtraction:
    """Return the answer in ``text``, which may have words or a code fence around its JSON object.

    :raises ValueError: says what is wrong, in one short line that a model can act on
    """
    start, stop = text.find("{"), text.rfind("}") + 1
    if start < 0 or stop <= start:
        raise ValueError("it holds no JSON object" if text.strip() else "it is empty")
    try:
        # PostgreSQL's jsonb takes neither NUL nor NaN.
        answer = PageExtraction.model_validate_json(_NUL.sub(r"\1", text[start:stop]))
        json.dumps(answer.model_dump(), allow_nan=False)
    except ValidationError as error:
        problems = [
            f"{'/'.join(map(str, problem['loc'])) or 'the JSON'}: {problem['msg']}" for problem in error.errors()
        ]
        more = f" and {len(problems) - 5} more" if len(problems) > 5 else ""
        raise ValueError("; ".join(problems[:5]) + more) from error
    return answer


def _nothing(page: PageToExtract) -> PageExtraction:
    """Return the answer for a page without text, which no model need be asked about."""
    page_type: Any = page.page_type if page.page_type in get_args(PageType) else "other"
    return PageExtraction(page_type=page_type, language=None, company=None, productions=[], financials=[])


def _cache_key(llm_model: str, question: Question) -> str:
    """Return the key of an answer: by model, prompt, schema and the content asked about, nothing else."""
    return hashlib.sha256(f"{_REVISION} {llm_model} {question.key}".encode()).hexdigest()


def _digest(llm_model: str, prompt: str) -> str:
    parts = json.dumps(["model", _REVISION, llm_model, prompt])
    return f"model-{hashlib.sha256(parts.encode()).hexdigest()[:16]}"
