"""A model that invents: what it makes up is kept for inspection, and reaches no table that people read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.end_to_end.conftest import Opera
from tests.openai_server import Liar, OpenAIServer, by_rules


@pytest.mark.long
def test_what_a_model_fabricates_is_stored_as_absent_and_reaches_neither_core_nor_marts(
    new_opera: Callable[..., Opera], domains: list[str]
) -> None:
    liar = Liar(truth=by_rules, share=0.8)
    with OpenAIServer(liar) as model:
        opera = new_opera(OPERA_LLM_MODEL="openai:any", OPENAI_BASE_URL=model.url, OPENAI_API_KEY="sk-test")
        status, output = opera.command("run_pipeline", *domains, "--jobs", "2", "-s", "DOWNLOAD_DELAY=0")
    assert status == 0, output

    fabricated = {str(lie.value) for lie in liar.lies if lie.kind in ("name", "title", "price")}
    amounts = {str(lie.value) for lie in liar.lies if lie.kind == "price"}
    assert len(liar.lies) >= 100
    rows = opera.rows("select raw_response, evidence, llm_model, tokens_input, error from staging.stg_llm_extractions")
    assert {(model, error) for _, _, model, _, error in rows} == {("openai:any", None)}
    assert sum(tokens for _, _, _, tokens, _ in rows) == model.tokens_input
    stored = {
        (lie.content, lie.pointer, lie.value)
        for lie in liar.lies
        if (lie.kind in ("name", "title", "price")) and str(lie.value) in str([answer for answer, *_ in rows])
    }
    assert len(stored) == len(
        {(lie.content, lie.pointer) for lie in liar.lies if lie.kind in ("name", "title", "price")}
    )
    for answer, evidence, *_ in rows:
        for pointer, value in leaves(answer):
            if str(value) in fabricated or (isinstance(value, float) and str(int(value)) in fabricated):
                assert evidence[pointer]["status"] == "absent", (pointer, value)

    words = " ".join(cell for rows in opera.tables("core", "marts").values() for row in rows for cell in row)
    assert [name for name in fabricated - amounts if name in words] == []
    # Amounts are looked for among amounts: elsewhere they could be the year of a premiere or part of a key.
    printed = opera.rows(
        "select price_min, price_max from core.ticket_prices "
        "union all select ticket_price_min, ticket_price_max from marts.mart_production_summary"
    )
    assert printed
    assert amounts.isdisjoint(str(int(amount)) for row in printed for amount in row if amount is not None)
    assert opera.value("select count(*) from marts.mart_production_summary") > 0


def leaves(value: object, pointer: str = "") -> list[tuple[str, object]]:
    """Return (JSON Pointer, value) of every leaf."""
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in leaves(inner, f"{pointer}/{key}")]
    if isinstance(value, list):
        return [leaf for n, inner in enumerate(value) for leaf in leaves(inner, f"{pointer}/{n}")]
    return [(pointer, value)]
