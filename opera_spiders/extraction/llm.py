"""The extractor that asks a language model. Whatever it answers is checked against the page before it counts."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any, get_args

from pydantic import ValidationError

from opera_spiders.errors import ExtractionError
from opera_spiders.extraction import grounding
from opera_spiders.extraction.extractor import Extraction, PageToExtract
from opera_spiders.extraction.merge import merge
from opera_spiders.extraction.model_calls import ModelCalls, ModelEndpoint, QuestionTooLongError, Reply
from opera_spiders.extraction.model_prices import ModelPrice
from opera_spiders.extraction.model_prompt import ModelPrompt
from opera_spiders.extraction.page_parts import PagePart, page_parts
from opera_spiders.extraction.schema import PageExtraction, PageType

logger = logging.getLogger(__name__)

# Raise it when answers change for a reason outside model, prompt and schema: another way to cut pages, say.
_REVISION = 1
_PART_BYTES = 40_000  # about 12 000 tokens of question; the JSON of a full calendar is longer than its text
_NUL = re.compile(r"(\\\\)|\\u0000")  # an escaped backslash may stand before u0000 and stays


class ModelExtractor:
    """Asks the model about each part of a page.

    A truncated answer halves its part and asks again; an answer that does not fit the schema gets one chance of
    repair. What then remains is an Extraction with ``error``.
    """

    def __init__(
        self,
        endpoint: ModelEndpoint,
        price: ModelPrice | None,
        *,
        concurrency: int,
        part_bytes: int = _PART_BYTES,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.llm_model = endpoint.llm_model
        self.prompt = ModelPrompt(endpoint.form)
        self.extraction_version = _digest(endpoint.llm_model, self.prompt.text)
        self._endpoint = endpoint
        self._price = price
        self._part_bytes = part_bytes
        self._calls = ModelCalls(endpoint, concurrency, sleep)

    def describe(self) -> str:
        """Return for the log which model answers, where, how many calls at a time, at what price. No secret."""
        price = self._price or "at an unknown price"
        return f"{self.llm_model} at {self._endpoint.address}, {self._calls.concurrency} calls at a time, {price}"

    async def extract(self, page: PageToExtract) -> Extraction:
        """Return what the model reads from the page, checked, or the error that kept it from answering.

        :raises ExtractorUnusableError: the model can answer no page until somebody changes something; raised again
            for every further page, without a call. Such pages stay pending.
        """
        spent = _Spent()
        answers: list[PageExtraction] = []
        parts = page_parts(page.blocks, self._part_bytes)
        try:
            for number, part in enumerate(parts, start=1):
                answers += await self._read(page, part, f"{number} of {len(parts)}", spent)
        except ExtractionError as error:
            return Extraction(
                self.extraction_version, self.llm_model, error=f"{self.llm_model}: {error}", **self._bill(spent)
            )
        return grounding.checked(
            merge(answers) if answers else _nothing(page),
            page,
            extraction_version=self.extraction_version,
            llm_model=self.llm_model,
            **self._bill(spent),
        )

    async def aclose(self) -> None:
        """Close the connections to the model's server."""
        await self._endpoint.close()

    async def _read(self, page: PageToExtract, part: PagePart, name: str, spent: _Spent) -> list[PageExtraction]:
        """Return the answers for a part: one, or more where it had to be halved."""
        question = self.prompt.question(page, part, name)
        messages = question
        problem = None
        for _ in range(2):
            try:
                reply = spent.add(await self._calls.ask(messages))
            except QuestionTooLongError:
                return await self._read_halves(page, part, name, spent)
            if reply.is_truncated:
                return await self._read_halves(page, part, name, spent)
            if reply.is_refused:
                said = f": {reply.refusal}" if reply.refusal else ""
                raise ExtractionError(f"the model declined to answer ({reply.finish_reason or 'refusal'}){said[:200]}")
            try:
                return [_parsed(reply.text)]
            except ValueError as error:
                problem = str(error)
            messages = self.prompt.repair(question, reply.text, problem)
        raise ExtractionError(
            f"the answer for blocks {part.name} does not fit the schema, nor does its repair ({problem}). "
            "If many pages say this, choose a model with structured outputs."
        )

    async def _read_halves(self, page: PageToExtract, part: PagePart, name: str, spent: _Spent) -> list[PageExtraction]:
        halves = part.halves()
        if halves is None:
            raise ExtractionError(
                f"block {part.name} alone is too long for the model or its answer. Raise OPERA_LLM_MAX_OUTPUT_TOKENS "
                "or choose a model with a longer context."
            )
        logger.info("%s: blocks %s are too long for one answer; asking for each half", page.blocks.url, part.name)
        first, second = halves
        return [
            *await self._read(page, first, f"{name}, first half", spent),
            *await self._read(page, second, f"{name}, second half", spent),
        ]

    def _bill(self, spent: _Spent) -> dict[str, Any]:
        tokens = spent.tokens
        if tokens is None:
            return {"tokens_input": None, "tokens_output": None, "cost_usd": None}
        cost_usd = self._price.cost_usd(*tokens) if self._price else None
        return {"tokens_input": tokens[0], "tokens_output": tokens[1], "cost_usd": cost_usd}


class _Spent:
    """Tokens of one page's calls. One call that was not counted makes the sum unknown, not smaller."""

    def __init__(self) -> None:
        self.tokens: tuple[int, int] | None = (0, 0)

    def add(self, reply: Reply) -> Reply:
        if self.tokens is None or reply.tokens_input is None or reply.tokens_output is None:
            self.tokens = None
        else:
            self.tokens = (self.tokens[0] + reply.tokens_input, self.tokens[1] + reply.tokens_output)
        return reply


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


def _digest(llm_model: str, prompt: str) -> str:
    parts = json.dumps(["model", _REVISION, llm_model, prompt])
    return f"model-{hashlib.sha256(parts.encode()).hexdigest()[:16]}"
