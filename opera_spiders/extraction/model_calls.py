"""One call of a chat model: how many at a time, when to try again, and what its failure means."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn, Protocol

from langchain_core.exceptions import ContextOverflowError, ModelConnectionError, ModelError

from opera_spiders.errors import ExtractionError, ExtractorUnusableError
from opera_spiders.extraction.model_answers import Asker, Bill, CallEnd, ModelAnswers
from opera_spiders.extraction.model_prices import ModelPrice
from opera_spiders.extraction.model_schema import Form, page_schema

logger = logging.getLogger(__name__)

_ATTEMPTS = 5
_LONGEST_WAIT_SECONDS = 120.0
_OUTAGE_CALLS = 10
_BYTES_PER_TOKEN = 3.5  # of questions and answers alike, in the languages of our pages
_TRUNCATED = {"length", "max_tokens", "max_output_tokens"}
_REFUSED = {"content_filter", "safety", "recitation", "blocklist", "prohibited_content", "spii", "refusal"}
_TOO_LONG = ("context_length_exceeded", "maximum context length")
_PAGE_REFUSED = ("content_filter", "content_policy", "invalid_prompt", "moderation")
_KEY = re.compile(r"\b(?:sk-|AIza)[\w*-]+")


class ChatModel(Protocol):
    """The one method of a LangChain chat model we call."""

    async def ainvoke(self, input: Any, /) -> Any:
        """Return the model's AIMessage."""
        ...


@dataclass(frozen=True, slots=True)
class ModelEndpoint:
    """A chat model with its structured output bound. ``secrets`` are never shown, wherever a server repeats them."""

    llm_model: str
    form: Form
    chat: ChatModel
    address: str
    key_variable: str | None
    secrets: tuple[str, ...]
    close: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered, finished or not. ``tokens_*`` are None when the server does not count them."""

    text: str
    finish_reason: str
    refusal: str | None
    tokens_input: int | None
    tokens_output: int | None

    @property
    def is_truncated(self) -> bool:
        """Tell whether the answer stopped at the limit of output tokens."""
        return self.finish_reason in _TRUNCATED

    @property
    def is_refused(self) -> bool:
        """Tell whether the model or its provider declined to answer."""
        return bool(self.refusal) or self.finish_reason in _REFUSED


class QuestionTooLongError(Exception):
    """The question does not fit the model's context."""


class _TemporaryError(Exception):
    """The same question may succeed after ``wait_seconds``; None when the server does not say."""

    def __init__(self, said: str, wait_seconds: float | None, *, is_connection: bool) -> None:
        super().__init__(said)
        self.wait_seconds = wait_seconds
        self.is_connection = is_connection


class ModelCalls:
    """Calls a model, at most ``concurrency`` at a time, and keeps the ledger: each request is noted before it is made.

    Overload, server errors, time-outs and lost connections are tried again, no sooner than Retry-After allows, and a
    wait the server asks of one call holds back all.
    """

    def __init__(
        self,
        endpoint: ModelEndpoint,
        price: ModelPrice | None,
        answers: ModelAnswers,
        concurrency: int,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.endpoint = endpoint
        self.price = price
        self.answers = answers
        self.concurrency = concurrency
        # Providers bill the schema as input; in the plain form it stands in the prompt.
        self._schema_bytes = 0 if endpoint.form == "plain" else len(json.dumps(page_schema(endpoint.form)))
        self._slots = asyncio.Semaphore(concurrency)
        self._sleep = sleep
        self._resume_at = 0.0  # by time.monotonic()
        self._has_answered = False
        self._lost_in_a_row = 0
        self._unusable: str | None = None

    async def ask(self, messages: list[tuple[str, str]], asker: Asker, cache_key: str) -> Reply:
        """Return the model's answer to one question.

        :raises BudgetSpentError: no request may be made
        :raises QuestionTooLongError: ask about less
        :raises ExtractionError: no answer to this question
        :raises ExtractorUnusableError: no answer to any question, until somebody changes something
        """
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await self._call(messages, asker, cache_key)
            except _TemporaryError as error:
                failure = error
            wait_seconds = failure.wait_seconds or 2.0 ** (attempt - 1) * random.uniform(0.75, 1.25)  # noqa: S311
            if attempt == _ATTEMPTS or wait_seconds > _LONGEST_WAIT_SECONDS:
                break
            logger.info(
                "%s: %s; attempt %d of %d failed, the next in %.1f s",
                self.endpoint.llm_model,
                failure,
                attempt,
                _ATTEMPTS,
                wait_seconds,
            )
            if failure.wait_seconds:
                self._resume_at = max(self._resume_at, time.monotonic() + wait_seconds)
            await self._sleep(wait_seconds)
        self._lost_in_a_row += 1
        if failure.is_connection and not self._has_answered:
            self._stop(f"cannot be reached ({failure}). Check that a server runs there.")
        if self._lost_in_a_row >= _OUTAGE_CALLS:
            self._stop(f"left {_OUTAGE_CALLS} questions in a row without answer, the last: {failure}. Run again later.")
        raise ExtractionError(
            f"no answer after {attempt} attempts, the last: {failure}. Extract this page again later."
        )

    def bill(self, reply: Reply) -> Bill:
        """Return what an answer cost."""
        tokens_input, tokens_output = reply.tokens_input, reply.tokens_output
        if tokens_input is None or tokens_output is None:
            return Bill(None, None, None)
        cost_usd = self.price.cost_usd(tokens_input, tokens_output) if self.price else None
        return Bill(tokens_input, tokens_output, cost_usd)

    async def _call(self, messages: list[tuple[str, str]], asker: Asker, cache_key: str) -> Reply:
        async with self._slots:
            if self._unusable:
                raise ExtractorUnusableError(self._unusable)
            if (wait_seconds := self._resume_at - time.monotonic()) > 0:
                await self._sleep(wait_seconds)
            call_id = await self.answers.open_call(asker, self.endpoint.llm_model, cache_key, self.estimate(messages))
            end: CallEnd = "lost"
            bill = Bill(None, None, None)
            try:
                reply = await self._reply(messages)
                end, bill = "answered", self.bill(reply)
            except Exception as error:
                if _status(error) is not None:
                    end, bill = "refused", Bill()
                self._no_reply(error)
            finally:
                await self.answers.close_call(call_id, end, bill)
        self._has_answered = True
        self._lost_in_a_row = 0
        return reply

    async def _reply(self, messages: list[tuple[str, str]]) -> Reply:
        try:
            return _reply(await self.endpoint.chat.ainvoke(messages))
        except Exception as error:  # a client raises its transport's and parser's errors as they are
            if reply := _unfinished_reply(error):
                return reply
            raise

    def estimate(self, messages: list[tuple[str, str]]) -> Decimal | None:
        """Return what a request may cost: what counts towards a budget when its answer is lost on the way."""
        if self.price is None:
            return None
        question = self._schema_bytes + sum(len(text.encode("utf-8", "surrogatepass")) for _, text in messages)
        answer = len(messages[-1][1].encode("utf-8", "surrogatepass"))  # JSON of a calendar is as long as its text
        return self.price.cost_usd(round(question / _BYTES_PER_TOKEN), round(answer / _BYTES_PER_TOKEN))

    def _no_reply(self, error: Exception) -> NoReturn:
        """Raise what ``error`` means: for this question, for every question, or for now."""
        said = self._said(error)
        status = _status(error)
        # OpenAI's client puts the code of an error into its body only, so LangChain does not see an overflow.
        details = f"{error} {getattr(error, 'body', '')}".lower()
        if isinstance(error, ContextOverflowError) or any(words in details for words in _TOO_LONG):
            raise QuestionTooLongError(said) from error
        if status in (401, 403):
            variable = self.endpoint.key_variable or "the provider's key"
            self._stop(f"refuses the key ({said}). Set {variable} to one that may use this model.")
        if status == 404:
            self._stop(f"does not know the model ({said}). Check OPERA_LLM_MODEL and the server's address.")
        if "insufficient_quota" in details:
            self._stop(f"has no quota left for this key ({said}). Raise it with the provider, then run again.")
        if status in (400, 422):
            if self._has_answered or any(words in details for words in _PAGE_REFUSED):
                raise ExtractionError(f"the provider refuses this page ({said}).") from error
            # Nothing has ever been answered, so it is not this page: the model cannot take our kind of request.
            self._stop(f"refuses our request ({said}). Choose a model that supports structured outputs.")
        if isinstance(error, ModelError) and not error.is_retryable:
            raise ExtractionError(said) from error
        is_connection = isinstance(error, (ModelConnectionError, OSError)) and not isinstance(error, TimeoutError)
        if status is None and not isinstance(error, (ModelError, OSError)):
            said = f"unreadable response ({said})"
        raise _TemporaryError(said, _retry_after_seconds(error), is_connection=is_connection) from error

    def _stop(self, reason: str) -> NoReturn:
        self._unusable = f"{self.endpoint.llm_model} at {self.endpoint.address} {reason}"
        raise ExtractorUnusableError(self._unusable)

    def _said(self, error: Exception) -> str:
        """Return the error in one short line without secrets: the server's own words where there are any."""
        bodies = [body for cause in _causes(error) if isinstance(body := getattr(cause, "body", None), dict)]
        messages = [body.get("message") for body in bodies] + [getattr(error.__cause__, "message", None), str(error)]
        line = " ".join(next((str(message) for message in messages if message), type(error).__name__).split())
        for secret in self.endpoint.secrets:
            line = line.replace(secret, "***")
        status = _status(error)
        return (f"{status}: " if status else "") + _KEY.sub("***", line)[:300].rstrip(". ")


def _reply(message: Any) -> Reply:
    """Read LangChain's AIMessage."""
    metadata = message.response_metadata
    incomplete = metadata.get("incomplete_details") or {}
    usage = message.usage_metadata or {}
    return Reply(
        text=str(message.text),
        finish_reason=str(metadata.get("finish_reason") or incomplete.get("reason") or "").lower(),
        refusal=message.additional_kwargs.get("refusal"),
        tokens_input=usage.get("input_tokens"),
        tokens_output=usage.get("output_tokens"),
    )


def _unfinished_reply(error: Exception) -> Reply | None:
    """Return the answer inside the error that OpenAI's client raises for one that is truncated or filtered."""
    completion = getattr(error, "completion", None)
    return None if completion is None else reply_of_completion(completion)


def reply_of_completion(completion: Any) -> Reply:
    """Read OpenAI's ChatCompletion."""
    choice = completion.choices[0]
    return Reply(
        text=choice.message.content or "",
        finish_reason=choice.finish_reason,
        refusal=choice.message.refusal,
        tokens_input=completion.usage.prompt_tokens if completion.usage else None,
        tokens_output=completion.usage.completion_tokens if completion.usage else None,
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _status(error: Exception) -> int | None:
    """Return the HTTP status behind an error: OpenAI calls it ``status_code``, Google ``code``."""
    for cause in _causes(error):
        for name in ("status_code", "code"):
            if isinstance(status := getattr(cause, name, None), int):
                return status
    return None


def _retry_after_seconds(error: Exception) -> float | None:
    """Return how long the server asks to wait: the header Retry-After (seconds or a date), or Google's retryDelay."""
    for cause in _causes(error):
        headers = getattr(getattr(cause, "response", None), "headers", None) or {}
        if value := headers.get("retry-after"):
            return _seconds(str(value))
        if delay := re.search(r"'retryDelay': '([\d.]+)s'", str(getattr(cause, "details", ""))):
            return float(delay[1])
    return None


def _seconds(retry_after: str) -> float | None:
    try:
        return max(float(retry_after), 0.0)
    except ValueError:
        pass
    try:
        return max((parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds(), 0.0)
    except (ValueError, TypeError):  # TypeError: a date without a zone
        return None
