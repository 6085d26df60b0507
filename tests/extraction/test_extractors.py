"""The configuration chooses the extractor; one that cannot work is refused in one line before the first page."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from opera_spiders.config import Config
from opera_spiders.errors import BadInputError
from opera_spiders.extraction import model_prices
from opera_spiders.extraction.blocks import read_blocks
from opera_spiders.extraction.extractor import PageToExtract
from opera_spiders.extraction.extractors import describe, make_extractor
from opera_spiders.extraction.llm import ModelExtractor
from opera_spiders.extraction.rules import RulesExtractor
from tests.openai_server import NOTHING, OpenAIServer

FETCHED = datetime(2027, 1, 4, tzinfo=UTC)
KEY = "sk-a-key-nobody-may-see"


def config(**settings: Any) -> Config:
    return Config(_env_file=None, **settings)


async def test_without_a_model_the_rules_read_the_pages() -> None:
    extractor = make_extractor(config())
    assert isinstance(extractor, RulesExtractor)
    assert describe(extractor) == "rules (no model, no cost)"
    await extractor.aclose()


@pytest.mark.parametrize(
    "settings",
    [
        {"opera_llm_model": "openai:gpt-5-mini", "openai_api_key": KEY},
        {"opera_llm_model": "google_genai:gemini-2.5-flash", "google_api_key": KEY},
    ],
    ids=["OpenAI", "Google"],
)
async def test_with_a_model_and_its_key_the_model_reads_them(settings: dict[str, str]) -> None:
    extractor = make_extractor(config(**settings))
    assert isinstance(extractor, ModelExtractor)
    assert extractor.llm_model == settings["opera_llm_model"]
    assert settings["opera_llm_model"] in describe(extractor)
    assert KEY not in describe(extractor)
    await extractor.aclose()


async def test_a_server_of_ones_own_needs_no_key_and_the_secrets_in_its_address_are_not_shown() -> None:
    with OpenAIServer(lambda _: NOTHING) as server:
        address = server.url.replace("//", "//user:hidden@") + "?api_key=hidden"
        extractor = make_extractor(config(opera_llm_model="openai:any", openai_base_url=address))
        assert f"openai:any at {server.url}, 4 calls at a time" in describe(extractor)
        assert "hidden" not in describe(extractor)
        await extractor.aclose()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"opera_llm_model": "openai:gpt-5-mini"}, "needs OPENAI_API_KEY. Set it in the environment or .env"),
        (
            {"opera_llm_model": "openai:gpt-5-mini", "openai_base_url": "https://api.openai.com/v1"},
            "needs OPENAI_API_KEY",
        ),
        ({"opera_llm_model": "google_genai:gemini-2.5-flash"}, "needs GOOGLE_API_KEY"),
        ({"opera_llm_model": "nobody:model"}, "LangChain knows no such provider"),
        ({"opera_llm_model": "mistralai:small"}, "requires the langchain-mistralai package"),
    ],
    ids=["no key", "no key for OpenAI itself", "no Google key", "unknown provider", "missing package"],
)
def test_a_model_that_cannot_be_asked_is_refused_in_one_line(settings: dict[str, str], words: str) -> None:
    with pytest.raises(BadInputError) as raised:
        make_extractor(config(**settings))
    assert settings["opera_llm_model"] in str(raised.value)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("llm_model", ["gpt-5-mini", "openai:", ":gpt-5-mini"])
def test_a_model_without_provider_is_refused(llm_model: str) -> None:
    with pytest.raises(BadInputError, match="OPERA_LLM_MODEL"):
        make_extractor(Config.from_settings({"OPERA_LLM_MODEL": llm_model}))


async def test_pages_are_traced_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    monkeypatch.setenv("LANGCHAIN_TRACING_V2", "true")
    extractor = make_extractor(config(opera_llm_model="openai:any", openai_base_url="http://127.0.0.1:9/v1"))
    assert os.environ["LANGSMITH_TRACING"] == os.environ["LANGCHAIN_TRACING_V2"] == "false"
    await extractor.aclose()


def test_a_price_that_is_no_number_is_named_with_its_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    header = "model,cost_usd_per_million_tokens_input,cost_usd_per_million_tokens_output\n"
    (tmp_path / "model_prices.csv").write_text(f"{header}openai:a,1,2\nopenai:b,cheap,2\n")
    monkeypatch.setattr(model_prices, "files", lambda _: tmp_path)
    with pytest.raises(BadInputError, match="line 3"):
        model_prices.price_of("openai:a")


def test_a_crawl_by_rules_does_not_wait_for_the_clients_of_models() -> None:
    code = "from opera_spiders.extraction import extractors; import sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "opera_spiders.extraction.llm" in loaded
    assert not {"openai", "langchain", "langchain_openai", "langchain_google_genai"} & set(loaded)


@pytest.mark.parametrize("skip_structured", ["off", "on"])
@pytest.mark.parametrize("has_model", [False, True])
async def test_what_takes_too_long_to_read_is_an_error_row_whoever_reads_it(
    has_model: bool, skip_structured: Any
) -> None:
    # Each block is short enough for one question, and all together take the rules and the checks seconds.
    html = "<h1>Tosca</h1>" + "".join(f"<p>{day}. 3. 2027, 19:30 Uhr, Alma Prell</p>" for day in range(1, 3000))
    page = PageToExtract(read_blocks(html.encode(), "text/html", "https://opera.example/"), FETCHED, "opera.example")
    with OpenAIServer(lambda _: NOTHING) as server:
        model = {"opera_llm_model": "openai:any", "openai_base_url": server.url} if has_model else {}
        extractor = make_extractor(
            config(**model, opera_llm_skip_structured=skip_structured, opera_reading_cpu_seconds=0.01)
        )
        extraction = await extractor.extract(page)
        await extractor.aclose()
    assert extraction.raw_response is None
    assert "reading takes more than 0.01 s" in (extraction.error or "")
