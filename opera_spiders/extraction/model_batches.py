"""OpenAI's batch mode: many questions in one file, answered within a day at a lower price. Takes seconds to import."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

import openai
from openai.types import Batch

from opera_spiders.errors import ExtractorUnusableError
from opera_spiders.extraction.model_calls import Reply, reply_of_completion

logger = logging.getLogger(__name__)

_ENDED = {"completed", "expired", "cancelled", "failed"}
_POLL_SECONDS = 30.0
_LABEL = "opera_spiders"
_ROLES = {"human": "user", "ai": "assistant"}


class OpenAIBatches:
    """Batches of one model and one database.

    The provider keeps what must outlast this process: a batch carries our label, and its files are deleted once its
    answers are stored. So whoever comes after a killed process finds what that one had paid for.

    :param request: what each request holds beside its messages: model, response format, limits
    :param label: of the batches that are ours, among others of the same account
    """

    def __init__(
        self,
        client: openai.AsyncOpenAI,
        request: dict[str, Any],
        label: str,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._client = client
        self._request = request
        self._label = label
        self._sleep = sleep

    async def submit(self, questions: Sequence[tuple[UUID, list[tuple[str, str]]]]) -> str:
        """Send questions, each with the id of its call, and return the id of their batch.

        :raises ExtractorUnusableError: the provider takes no batch
        """
        lines = [
            {
                "custom_id": str(call_id),
                "method": "POST",
                "url": "/v1/chat/completions",
                "body": {
                    **self._request,
                    "messages": [{"role": _ROLES.get(role, role), "content": text} for role, text in messages],
                },
            }
            for call_id, messages in questions
        ]
        content = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode("utf-8", "replace")
        try:
            file = await self._client.files.create(file=("questions.jsonl", content), purpose="batch")
            batch = await self._client.batches.create(
                input_file_id=file.id,
                endpoint="/v1/chat/completions",
                completion_window="24h",
                metadata={_LABEL: self._label},
            )
        except openai.OpenAIError as error:
            raise ExtractorUnusableError(
                f"The provider takes no batch ({_said(error)}). Check key, model and limits, or run without --batch."
            ) from error
        return batch.id

    async def open(self) -> list[str]:
        """Return the ids of our batches whose answers have not been stored yet, oldest first.

        :raises ExtractorUnusableError: the provider does not tell
        """
        try:
            ours = [
                batch
                async for batch in self._client.batches.list(limit=100)
                if (batch.metadata or {}).get(_LABEL) == self._label
            ]
            return [batch.id for batch in reversed(ours) if not await self._is_forgotten(batch)]
        except openai.OpenAIError as error:
            raise ExtractorUnusableError(
                f"The provider lists no batches ({_said(error)}). Check the key, or run without --batch."
            ) from error

    async def answers(self, batch_id: str) -> AsyncIterator[tuple[UUID, Reply | None]]:
        """Wait for a batch and yield (call id, answer) for each question; None for one that got no answer.

        :raises ExtractorUnusableError: the provider lost the batch
        """
        try:
            while (batch := await self._client.batches.retrieve(batch_id)).status not in _ENDED:
                counts = batch.request_counts
                done = f", {counts.completed} of {counts.total} answered" if counts else ""
                logger.info("Batch %s is %s%s", batch_id, batch.status, done)
                await self._sleep(_POLL_SECONDS)
            for file_id in filter(None, (batch.output_file_id, batch.error_file_id)):
                content = await self._client.files.content(file_id)
                for line in content.text.splitlines():
                    if line.strip():
                        yield _answer(json.loads(line))
        except openai.OpenAIError as error:
            raise ExtractorUnusableError(
                f"Batch {batch_id} cannot be had ({_said(error)}). Run again: it is looked for first."
            ) from error

    async def forget(self, batch_id: str) -> None:
        """Delete the files of a batch whose answers are stored: pages and answers do not stay with the provider."""
        batch = await self._client.batches.retrieve(batch_id)
        for file_id in filter(None, (batch.output_file_id, batch.error_file_id, batch.input_file_id)):
            try:
                await self._client.files.delete(file_id)
            except openai.NotFoundError:
                continue

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _is_forgotten(self, batch: Batch) -> bool:
        """Tell whether a batch's questions are gone: they are deleted last."""
        try:
            await self._client.files.retrieve(batch.input_file_id)
        except openai.NotFoundError:
            return True
        return False


def _answer(line: dict[str, Any]) -> tuple[UUID, Reply | None]:
    response = line.get("response") or {}
    call_id = UUID(line["custom_id"])
    if response.get("status_code") != 200:
        return call_id, None
    return call_id, reply_of_completion(openai.types.chat.ChatCompletion.model_validate(response["body"]))


def _said(error: openai.OpenAIError) -> str:
    body = getattr(error, "body", None)
    said = body.get("message") if isinstance(body, dict) else None
    return " ".join(str(said or error).split())[:200].rstrip(". ")
