"""From ``OPERA_LLM_MODEL`` to a LangChain chat model that answers in our schema. Takes seconds to import."""

from __future__ import annotations

import logging
import os
import warnings
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import openai
from langchain.chat_models import init_chat_model
from langchain_core.language_models import BaseChatModel
from pydantic import SecretStr

from opera_spiders.config import Config
from opera_spiders.errors import BadInputError
from opera_spiders.extraction.model_batches import OpenAIBatches
from opera_spiders.extraction.model_calls import ModelEndpoint
from opera_spiders.extraction.model_schema import page_schema

_OPENAI_ADDRESS = "https://api.openai.com/v1"


def model_endpoint(config: Config, llm_model: str) -> ModelEndpoint:
    """Return the model ``provider:name``, ready to be asked.

    OpenAI needs ``OPENAI_API_KEY``; a compatible server of one's own at ``OPENAI_BASE_URL`` does not. Google needs
    ``GOOGLE_API_KEY``. Any other provider of LangChain works once its package is installed: it finds its key in its
    own variable and is shown the schema in the prompt.

    :raises BadInputError: no provider, an unknown one, its package or its key is missing
    """
    provider, _, name = llm_model.partition(":")
    if not (provider and name):
        raise BadInputError(
            f"OPERA_LLM_MODEL is {llm_model!r}, which names no provider. "
            "Write provider:model, for example openai:gpt-5-mini or google_genai:gemini-2.5-flash."
        )
    # Pages go to the configured model and nowhere else, whatever other LangChain projects on this machine set.
    os.environ["LANGSMITH_TRACING"] = os.environ["LANGCHAIN_TRACING_V2"] = "false"
    # One line for each request at INFO would drown the crawl's own.
    for client in ("httpx", "httpx2", "google_genai"):
        logging.getLogger(client).setLevel(logging.WARNING)
    match provider:
        case "openai":
            return _openai(config, llm_model, name)
        case "google_genai":
            return _google(config, llm_model, name)
        case _:
            return _other(config, llm_model, provider, name)


def _openai(config: Config, llm_model: str, name: str) -> ModelEndpoint:
    address = config.openai_base_url or _OPENAI_ADDRESS
    is_openai = urlsplit(address).hostname == urlsplit(_OPENAI_ADDRESS).hostname
    if config.openai_api_key is None and is_openai:
        raise BadInputError(
            f"OPERA_LLM_MODEL={llm_model} needs OPENAI_API_KEY. Set it in the environment or .env, or set "
            "OPENAI_BASE_URL to an OpenAI-compatible server, or unset OPERA_LLM_MODEL to extract by rules."
        )
    key = config.openai_api_key or SecretStr("none")  # the client insists on one; a server of one's own ignores it
    # LangChain asks for another form of structured output when a server refuses this one; our message says more.
    warnings.filterwarnings("ignore", message=r"(This model does not support|Invalid schema for) OpenAI's structured")

    # A client of our own can be closed, and belongs to one event loop; LangChain's is shared by the whole process.
    transport = openai.DefaultAsyncHttpxClient(timeout=config.opera_llm_timeout_seconds)
    chat = _chat_model(
        llm_model,
        "openai",
        name,
        api_key=key,
        base_url=address,
        timeout=config.opera_llm_timeout_seconds,
        max_tokens=config.opera_llm_max_output_tokens,
        max_retries=0,
        http_async_client=transport,
    )
    return ModelEndpoint(
        llm_model=llm_model,
        form="openai",
        chat=chat.bind(**_bound(chat, is_openai)),
        address=_shown(address),
        key_variable="OPENAI_API_KEY",
        secrets=_secrets(config, address),
        close=transport.aclose,
    )


def _bound(chat: BaseChatModel, is_openai: bool) -> dict[str, Any]:
    """Return what every request to OpenAI holds beside model, messages and limits."""
    schema = {"name": "page_extraction", "strict": True, "schema": page_schema("openai")}
    bound: dict[str, Any] = {"response_format": {"type": "json_schema", "json_schema": schema}}
    # Reasoning models refuse a temperature. LangChain's profile tells; a model without one runs on one's own server.
    if (chat.profile or {"temperature": not is_openai}).get("temperature"):
        bound["temperature"] = 0
    return bound


def openai_batches(config: Config, label: str) -> OpenAIBatches:
    """Return the batch mode of ``OPERA_LLM_MODEL``, for the same requests as :func:`model_endpoint` makes.

    :param label: tells the batches of this database and extractor from others of the account
    :raises BadInputError: the model is not one of OpenAI, or its key is missing
    """
    llm_model = config.opera_llm_model or "rules"
    provider, _, name = llm_model.partition(":")
    if provider != "openai":
        raise BadInputError(
            f"--batch is OpenAI's batch mode, and OPERA_LLM_MODEL is {llm_model}. Set it to openai:…, or leave --batch."
        )
    address = config.openai_base_url or _OPENAI_ADDRESS
    key = config.openai_api_key.get_secret_value() if config.openai_api_key else "none"
    chat = _chat_model(llm_model, "openai", name, api_key=SecretStr(key), base_url=address)
    client = openai.AsyncOpenAI(api_key=key, base_url=address, timeout=config.opera_llm_timeout_seconds, max_retries=5)
    request = {
        "model": name,
        "max_completion_tokens": config.opera_llm_max_output_tokens,
        **_bound(chat, urlsplit(address).hostname == urlsplit(_OPENAI_ADDRESS).hostname),
    }
    return OpenAIBatches(client, request, label)


def _google(config: Config, llm_model: str, name: str) -> ModelEndpoint:
    if config.google_api_key is None:
        raise BadInputError(
            f"OPERA_LLM_MODEL={llm_model} needs GOOGLE_API_KEY. Set it in the environment or .env, "
            "or unset OPERA_LLM_MODEL to extract by rules."
        )
    chat = _chat_model(
        llm_model,
        "google_genai",
        name,
        api_key=config.google_api_key,
        timeout=config.opera_llm_timeout_seconds,
        max_tokens=config.opera_llm_max_output_tokens,
        max_retries=1,  # Google's client counts attempts
    )
    return ModelEndpoint(
        llm_model=llm_model,
        form="gemini",
        chat=chat.bind(response_mime_type="application/json", response_json_schema=page_schema("gemini")),
        address="Google",
        key_variable="GOOGLE_API_KEY",
        secrets=_secrets(config),
        close=chat.aclose,  # type: ignore[attr-defined]  # of Google's class
    )


def _other(config: Config, llm_model: str, provider: str, name: str) -> ModelEndpoint:
    chat = _chat_model(llm_model, provider, name, max_tokens=config.opera_llm_max_output_tokens)

    async def close() -> None:
        """Leave the connections to the garbage collector: LangChain knows no common way to close them."""

    return ModelEndpoint(
        llm_model=llm_model,
        form="plain",
        chat=chat,
        address=provider,
        key_variable=None,
        secrets=_secrets(config),
        close=close,
    )


def _chat_model(llm_model: str, provider: str, name: str, **arguments: Any) -> BaseChatModel:
    try:
        model: BaseChatModel = init_chat_model(name, model_provider=provider, **arguments)
    except ImportError as error:
        raise BadInputError(f"OPERA_LLM_MODEL={llm_model}: {error}") from error
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        if "Unsupported" in reason:
            reason = "LangChain knows no such provider; the best known are openai and google_genai"
        raise BadInputError(f"OPERA_LLM_MODEL={llm_model} cannot be used: {reason}.") from error
    return model


def _secrets(config: Config, address: str = "") -> tuple[str, ...]:
    keys = [key.get_secret_value() for key in (config.openai_api_key, config.google_api_key) if key]
    parts = urlsplit(address)
    # Of a query, what is long enough to be a key: redacting "1" would spoil every message.
    queried = [value for _, value in parse_qsl(parts.query) if len(value) >= 8]
    return (*keys, *filter(None, [parts.username, parts.password, *queried]))


def _shown(address: str) -> str:
    """Return the address without user, password and query, where keys may stand."""
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
