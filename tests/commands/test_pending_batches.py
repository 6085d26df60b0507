"""``scripts/extract_pending --batch``, with OpenAI's client and a local server that takes batches."""

from __future__ import annotations

import os
import signal
import threading
from decimal import Decimal
from typing import Any

import pytest

from opera_spiders.commands.extract_pending import main
from tests.commands.pending import PRICE, Rows, asked, heading, in_a_process, page
from tests.openai_server import Fault, Question

STORED = "SELECT count(*), count(error), sum(tokens_input), sum(cost_usd) FROM staging.stg_llm_extractions"


def test_a_batch_asks_what_single_requests_would_ask_and_each_page_is_read(
    stage: Any, model: Any, rows: Rows, capsys: Any
) -> None:
    stage(*(page(number) for number in range(7)), page(0, house="other.example"))
    server = model()
    assert main(["--batch"]) == 0
    assert sorted(asked(server)) == [f"Tosca {number}" for number in range(7)]
    assert [batch["endpoint"] for batch in server.batches] == ["/v1/chat/completions"]
    assert server.files == {}, "pages and answers stay with the provider"
    ((count, errors, tokens_input, cost_usd),) = rows(STORED)
    assert (count, errors, tokens_input) == (8, 0, server.tokens_input)
    assert cost_usd == pytest.approx(PRICE.cost_usd(server.tokens_input, server.tokens_output), abs=Decimal("0.000008"))
    assert "Batch batch-1: 7 questions about 8 pages" in capsys.readouterr().out

    stage(page(99))
    assert main([]) == 0
    of_batch, single = (server.served[n].question.body for n in (0, -1))
    assert of_batch.keys() - {"stream"} == single.keys() - {"stream"}
    assert of_batch["response_format"] == single["response_format"]
    assert [message["role"] for message in of_batch["messages"]] == ["system", "user"]


def test_what_a_batch_leaves_open_is_halved_or_asked_singly(stage: Any, model: Any, rows: Rows) -> None:
    body = "<html><body><main><h1>{}</h1><p>A work in three acts.</p><p>Two intervals.</p></main></body></html>"
    stage(*(page(n, body=body.format(name).encode()) for n, name in enumerate(("Aida", "Norma", "Lulu", "Tosca"))))
    first: dict[str, Fault] = {"Aida": "truncated", "Norma": "malformed", "Lulu": "server_error"}

    def fault(question: Question) -> Fault | None:
        return first.pop(heading(question), None)

    server = model(faults=fault)
    assert main(["--batch"]) == 0
    ((count, errors, tokens_input, _),) = rows(STORED)
    assert (count, errors, tokens_input) == (4, 0, server.tokens_input)
    assert len(server.batches) == 2, "the halves of a truncated answer are a second batch"
    halves = 1 + 2  # the heading; under it both paragraphs, which with the heading are the whole again, so one by one
    assert len(server.served) == 4 + halves + 2


def test_after_a_kill_the_batch_that_was_sent_is_collected_and_nothing_is_asked_twice(
    stage: Any, model: Any, rows: Rows
) -> None:
    stage(*(page(number) for number in range(5)))
    server = model()
    waiting, killed = threading.Event(), threading.Event()

    def hold() -> None:
        waiting.set()
        killed.wait(timeout=60)

    server.before_batch_is_shown = hold
    process = in_a_process("--batch")
    assert waiting.wait(timeout=120)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    killed.set()
    assert rows(STORED)[0][0] == 0

    assert main(["--batch"]) == 0
    assert len(server.served) == 5
    ((count, errors, tokens_input, _),) = rows(STORED)
    assert (count, errors, tokens_input) == (5, 0, server.tokens_input)


def test_a_budget_ends_the_batch_and_the_rest_stays_pending(
    stage: Any, model: Any, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage(*(page(number) for number in range(20)))
    server = model()
    monkeypatch.setenv("OPERA_LLM_BUDGET_USD", "0.005")
    assert main(["--batch"]) == 0
    assert 0 < len(server.served) < 20
    assert rows("SELECT sum(cost_usd) < 0.006 FROM staging.llm_calls") == [(True,)]
    assert rows(STORED)[0][0] >= len(server.served)


@pytest.mark.parametrize("llm_model", ["", "google_genai:gemini-2.5-flash"])
def test_a_model_without_batches_is_bad_input(
    llm_model: str, stage: Any, model: Any, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    model()
    monkeypatch.setenv("OPERA_LLM_MODEL", llm_model)
    monkeypatch.setenv("GOOGLE_API_KEY", "k")
    assert main(["--batch"]) == 2
    assert "--batch is OpenAI's batch mode" in capsys.readouterr().err
