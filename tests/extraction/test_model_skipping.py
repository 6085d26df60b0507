"""No model is asked where structured data says all; where the page shows one word more, it is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from opera_spiders.config import Config
from opera_spiders.extraction.blocks import read_blocks
from opera_spiders.extraction.extractor import PageToExtract
from opera_spiders.extraction.extractors import make_extractor
from tests.openai_server import NOTHING, OpenAIServer

DATA = (
    '<script type="application/ld+json">{"@context": "https://schema.org", "@type": "TheaterEvent", "name": "Tosca", '
    '"startDate": "2027-03-14T19:30", "location": {"@type": "Place", "name": "Great Hall"}}</script>'
)
SHOWN = "<h1>Tosca</h1><p>Sunday 14 March 2027, 7.30pm</p><p>Great Hall</p>"


def page(head: str, body: str) -> PageToExtract:
    html = f"<html lang=en><head>{head}</head><body><nav><a href=/>Home</a></nav><main>{body}</main></body></html>"
    blocks = read_blocks(html.encode(), "text/html", "https://opera.example/tosca")
    return PageToExtract(blocks, datetime(2027, 1, 2, tzinfo=UTC), "opera.example", "en")


@pytest.mark.parametrize(
    ("head", "body", "setting", "asked"),
    [
        (DATA, SHOWN, "on", 0),
        (DATA, SHOWN, "off", 1),
        (DATA, f"{SHOWN}<p>Conductor: Alma Prell</p>", "on", 1),
        (DATA, f"{SHOWN}<p>Tuesday 16 March 2027, 7.30pm</p>", "on", 1),
        ("", SHOWN, "on", 1),
    ],
    ids=["all in the data", "not asked for", "a credit more", "an evening more", "no data"],
)
async def test_a_model_is_asked_unless_the_data_says_all(head: str, body: str, setting: Any, asked: int) -> None:
    with OpenAIServer(lambda _: NOTHING) as server:
        config = Config(
            _env_file=None,
            opera_llm_model="openai:gpt-4o-mini",
            openai_base_url=server.url,
            opera_llm_skip_structured=setting,
        )
        extractor = make_extractor(config)
        extraction = await extractor.extract(page(head, body))
        await extractor.aclose()
    assert len(server.served) == asked
    assert extraction.extraction_version == extractor.extraction_version
    assert extraction.raw_response is not None
    if not asked:
        (production,) = extraction.raw_response["productions"]
        assert [evening["date"] for evening in production["performances"]] == ["2027-03-14"]
        assert (extraction.llm_model, extraction.cost_usd) == ("rules", 0)
