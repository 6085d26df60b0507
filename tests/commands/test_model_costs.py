"""What models cost: no content is paid for twice, budgets hold, faults and killed workers lose and double nothing."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from opera_spiders.commands.extract_pending import main
from opera_spiders.items import FetchedPage
from tests.commands.pending import NOON, PRICE, Rows, in_a_process, page
from tests.openai_server import NOTHING, Fault, Json, Question

FAULTS: tuple[Fault, ...] = ("rate_limited", "server_error", "slow", "malformed", "truncated", "empty", "refusal")


def shown(number: int, words: str, around: str, **changes: Any) -> FetchedPage:
    body = f"<html lang=en><body>{around}<h1>{words}</h1><p>A work in {number} acts.</p></body></html>"
    return page(number, body=body.encode(), **changes)


def test_the_same_content_on_many_pages_is_asked_about_once(stage: Any, model: Any, rows: Rows) -> None:
    stage(*(shown(1, "Tosca", "", house=f"opera{number}.example") for number in range(8)))
    server = model()
    assert main([]) == 0
    assert len(server.served) == 1
    assert rows("SELECT count(*), sum(tokens_input) FROM staging.stg_llm_extractions") == [(8, server.tokens_input)]


@pytest.mark.parametrize("is_structural", [True, False], ids=["a nav", "a list that only its repetition betrays"])
def test_after_a_new_menu_on_all_pages_only_the_changed_ones_are_asked_about(
    is_structural: bool, stage: Any, model: Any, rows: Rows
) -> None:
    box = "<nav><ul>{}</ul></nav>" if is_structural else "<div><ul>{}</ul></div>"
    before, after = (
        box.format(items) for items in ("<li>Home</li><li>Shop</li>", "<li>Start</li><li>News</li><li>Us</li>")
    )
    stage(*(shown(number, f"Tosca {number}", before) for number in range(34)))
    server = model()
    assert main([]) == 0
    assert len(server.served) == 34
    assert not any("Shop" in served.question.user for served in server.served)

    words = ["Carmen" if number == 20 else f"Tosca {number}" for number in range(34)]
    later = NOON + timedelta(days=1)
    stage(*(shown(number, words[number], after, fetched_at=later) for number in range(34)))
    assert main([]) == 0
    assert len(server.served) == 35
    ((versions,),) = rows("SELECT count(*) FROM staging.stg_scraped_pages")
    assert versions == (35 if is_structural else 68)


def test_a_spent_budget_stops_the_run_in_peace_and_a_raised_one_finishes_it(
    stage: Any, model: Any, rows: Rows, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage(*(page(number) for number in range(30)))
    server = model()
    monkeypatch.setenv("OPERA_LLM_BUDGET_USD", "0.005")
    assert main(["--workers", "4"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[-2].startswith("OPERA_LLM_BUDGET_USD=0.005 is spent: 0.00")
    assert out[-1].endswith("still pending")
    ((spent, dearest, count),) = rows("SELECT sum(cost_usd), max(cost_usd), count(*) FROM staging.llm_calls")
    assert spent >= Decimal("0.005")
    assert spent < Decimal("0.005") + 4 * dearest
    assert rows("SELECT count(*) FROM staging.stg_llm_extractions") == [(count,)]

    assert main([]) == 0
    assert len(server.served) == count, "the budget is of the day, not of the process"
    monkeypatch.setenv("OPERA_LLM_BUDGET_USD", "1")
    assert main([]) == 0
    assert len(server.served) == 30


@pytest.mark.long
def test_processes_that_share_a_budget_stop_together_when_it_is_spent(
    stage: Any, model: Any, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage(*(page(number) for number in range(60)))
    server = model()
    monkeypatch.setenv("OPERA_LLM_BUDGET_USD", "0.01")
    processes = [in_a_process("--workers", "2") for _ in range(3)]
    outputs = [process.communicate(timeout=300) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], outputs
    assert all("OPERA_LLM_BUDGET_USD=0.01 is spent: 0.01" in out for out, _ in outputs)
    ((spent, dearest, count),) = rows("SELECT sum(cost_usd), max(cost_usd), count(*) FROM staging.llm_calls")
    assert Decimal("0.01") <= spent < Decimal("0.01") + 3 * 2 * dearest
    assert spent == PRICE.cost_usd(server.tokens_input, server.tokens_output)
    assert rows("SELECT count(*) FROM staging.stg_llm_extractions") == [(count,)]
    assert count == len(server.served) < 60


def test_a_budget_for_a_model_without_a_price_is_bad_input(
    stage: Any, model: Any, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    model()
    monkeypatch.setenv("OPERA_LLM_MODEL", "openai:of-my-own")
    monkeypatch.setenv("OPERA_LLM_BUDGET_USD_PER_DAY", "1")
    assert main([]) == 2
    assert "openai:of-my-own has no price by which to keep it" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("pages", "workers", "killed"), [(24, 2, 1), pytest.param(500, 4, 2, marks=pytest.mark.long)], ids=["few", "many"]
)
def test_faults_and_killed_workers_neither_lose_nor_double_a_page(
    pages: int, workers: int, killed: int, stage: Any, model: Any, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage(*(shown(number, f"Tosca {number}", "") for number in range(pages)))
    chance, good = random.Random(7), Counter[str]()
    lock, served_enough = threading.Lock(), [threading.Event() for _ in range(killed)]

    def fault(question: Question) -> Fault | None:
        with lock:
            number = int(chance.random() * 10)
            return FAULTS[number] if number < len(FAULTS) else None

    def answer(question: Question) -> Json:
        with lock:
            good[question.content] += 1
            for n, event in enumerate(served_enough, start=1):
                if len(good) >= n * pages // (2 * killed + 1):
                    event.set()
        return NOTHING

    monkeypatch.setenv("OPERA_LLM_TIMEOUT_SECONDS", "6")
    server = model(answer, fault, slow_seconds=8, retry_after_seconds=0.2)
    processes = [in_a_process("--workers", "4") for _ in range(workers)]
    for process, event in zip(processes, served_enough, strict=False):
        assert event.wait(timeout=300)
        os.kill(process.pid, signal.SIGKILL)
    outputs = [process.communicate(timeout=900) for process in processes]
    assert [process.returncode for process in processes[killed:]] == [0] * (workers - killed), outputs

    ((count, errors, tokens_input, tokens_output, cost_usd),) = rows(
        "SELECT count(*), count(error), sum(tokens_input), sum(tokens_output), sum(cost_usd) "
        "FROM staging.stg_llm_extractions"
    )
    assert count == pages
    assert 0 < errors < pages
    calls = rows(
        "SELECT state, count(*), sum(tokens_input), sum(tokens_output), sum(cost_usd) FROM staging.llm_calls GROUP BY 1"
    )
    ledger = {state: figures for state, *figures in calls}
    _, *paid = ledger["answered"]
    assert [tokens_input, tokens_output] == paid[:2]
    assert cost_usd == pytest.approx(paid[2], abs=Decimal("0.001"))
    assert paid[2] == PRICE.cost_usd(paid[0], paid[1])
    # What the server answered to a process that was dead by then stands open in the ledger.
    answered = [served for served in server.served if served.tokens_input]
    left_open = ledger.get("asked", [0])[0]
    assert left_open <= 4 * killed
    assert 0 <= len(answered) - ledger["answered"][0] <= left_open
    if len(answered) == ledger["answered"][0]:
        assert [server.tokens_input, server.tokens_output] == paid[:2]
    # A half of a page that was truncated is content of its own, and no good answer was asked for twice.
    assert sum(times - 1 for times in good.values()) <= left_open + sum(
        served.fault in ("slow", "truncated") for served in server.served
    )
