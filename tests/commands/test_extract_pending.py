"""``scripts/extract_pending`` on a real database, with the real client and a local model server."""

from __future__ import annotations

import os
import signal
import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine, text

from opera_spiders.commands.extract_pending import main
from opera_spiders.warehouse.server import Server
from tests.commands.pending import KEY, NOON, PRICE, Rows, asked, heading, in_a_process, page
from tests.openai_server import NOTHING, Fault, Json, Question


def test_each_pending_page_is_extracted_once(stage: Any, model: Any, rows: Rows, capsys: Any) -> None:
    stage(*(page(number) for number in range(5)))
    server = model()
    assert main([]) == 0
    assert main([]) == 0
    assert sorted(asked(server)) == [f"Tosca {number}" for number in range(5)]
    stored = rows("SELECT llm_model, error, sum(tokens_input), sum(tokens_output), sum(cost_usd), count(*) "
                  "FROM staging.stg_llm_extractions GROUP BY 1, 2")  # fmt: skip
    cost_usd = PRICE.cost_usd(server.tokens_input, server.tokens_output)
    ((llm_model, error, tokens_input, tokens_output, stored_cost_usd, count),) = stored
    assert (llm_model, error, count) == ("openai:gpt-4o-mini", None, 5)
    assert (tokens_input, tokens_output) == (server.tokens_input, server.tokens_output)
    assert stored_cost_usd == pytest.approx(cost_usd, abs=Decimal("0.000005"))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("4 calls at a time, 0.15/0.60 USD per million tokens in/out")
    assert f"5 pages extracted, 0 with an error; {server.tokens_input} tokens in" in lines[1]
    assert lines[-1] == "0 pages extracted, 0 with an error; none pending"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--limit", "2"], 2),
        (["--domain", "opera.example"], 3),
        (["--domain", "ROH.org.uk"], 1),
        (["--domain", "opera.example", "--domain", "roh.org.uk"], 4),
        (["--domain", "opera.example", "--domain", "nobody.example"], 3),
        (["--all-versions", "--workers", "1"], 5),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_arguments_choose_the_pages(arguments: list[str], expected: int, stage: Any, model: Any) -> None:
    older = page(2, "Aida", fetched_at=NOON - timedelta(days=1))
    stage(older, page(0), page(1), page(2), page(3, house="rbo.org.uk"))
    server = model()
    assert main(arguments) == 0
    assert len(server.served) == expected


def test_a_company_of_which_nothing_is_staged_is_bad_input(stage: Any, model: Any, capsys: Any) -> None:
    stage(page(0))
    server = model()
    assert main(["--domain", "nobody.example"]) == 2
    out, err = capsys.readouterr()
    assert err.startswith("No page of nobody.example is staged. ")
    assert "pending" not in out
    assert server.served == []


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<html><body><p>Dvořák: Rusalka</p></body></html>".encode("iso-8859-2"), "text/html; charset=iso-8859-2"),
        (b'{"events": [{"@type": "Event", "name": "Rusalka", "startDate": "2027-03-01"}]}', "application/json"),
    ],
    ids=["a page in another encoding", "a JSON document"],
)  # fmt: skip
def test_the_blocks_are_those_of_the_crawl(body: bytes, content_type: str, stage: Any, model: Any) -> None:
    encoding = "iso-8859-2" if "8859" in content_type else "utf-8"
    fetched = page(1, body=body, text=body.decode(encoding), content_type=content_type)
    stage(fetched)
    server = model()
    assert main([]) == 0
    assert "\n".join(server.served[0].question.block_lines) == fetched.blocks.as_text()
    assert "Rusalka" in fetched.blocks.as_text()


def test_a_page_that_fails_is_stored_with_its_error_and_stops_nothing(
    stage: Any, model: Any, rows: Rows, capsys: Any
) -> None:
    stage(*(page(number) for number in range(3)))

    def fault(question: Question) -> Fault | None:
        return "refusal" if heading(question) == "Tosca 1" else None

    model(faults=fault)
    assert main([]) == 0
    stored = rows("SELECT url, error FROM staging.stg_llm_extractions e "
                  "JOIN staging.stg_scraped_pages p ON p.id = e.scraped_page_id ORDER BY url")  # fmt: skip
    assert [error is None for _, error in stored] == [True, False, True]
    out = capsys.readouterr().out
    assert "https://opera.example/1 was not extracted: openai:gpt-4o-mini: the model declined to answer" in out
    assert "2 pages extracted, 1 with an error" in out.splitlines()[-1]
    assert "1 still pending (1 after an error, tried again from " in out.splitlines()[-1]


def test_a_page_made_to_be_slow_is_stored_with_its_error_and_stops_nothing(
    stage: Any, model: Any, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPERA_READING_CPU_SECONDS", "0.5")
    stage(page(0), page(1, text="<p>Tosca, 3 March 2027, 19:30</p>" * 200_000), page(2))
    server = model()
    assert main([]) == 0
    assert sorted(asked(server)) == ["Tosca 0", "Tosca 2"]
    stored = rows("SELECT url, error FROM staging.stg_llm_extractions e "
                  "JOIN staging.stg_scraped_pages p ON p.id = e.scraped_page_id ORDER BY url")  # fmt: skip
    assert [error for _, error in stored] == [None, "BoundExceededError: reading takes more than 0.5 s", None]


def test_pages_that_wait_after_an_error_are_counted_and_not_tried(stage: Any, model: Any, capsys: Any) -> None:
    stage(page(0), page(1))
    server = model(faults=lambda _: "refusal")
    assert main([]) == 1
    asked_before = len(server.served)
    capsys.readouterr()

    assert main([]) == 0

    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("0 pages extracted, 0 with an error; 2 still pending (2 after an error, tried again from 20")
    assert len(server.served) == asked_before


def test_when_no_page_can_be_extracted_the_exit_status_says_so(stage: Any, model: Any) -> None:
    stage(page(0), page(1))
    model(faults=lambda _: "refusal")
    assert main([]) == 1


def test_a_key_that_is_refused_stops_the_run_in_one_line_and_leaves_the_pages_pending(
    stage: Any, model: Any, rows: Rows, capsys: Any
) -> None:
    stage(*(page(number) for number in range(20)))
    server = model(faults=lambda _: "unauthorized")
    assert main(["--workers", "2"]) == 1
    out, err = capsys.readouterr()
    assert len(err.splitlines()) == 1
    assert "refuses the key (401" in err
    assert KEY not in out + err
    assert rows("SELECT count(*) FROM staging.stg_llm_extractions") == [(0,)]
    assert len(server.served) <= 2


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"OPENAI_API_KEY": "", "OPENAI_BASE_URL": ""}, "needs OPENAI_API_KEY"),
        ({"OPERA_DATABASE": "off"}, "OPERA_DATABASE is off"),
        ({"OPERA_LLM_CONCURRENCY": "none"}, "OPERA_LLM_CONCURRENCY"),
    ],
    ids=["no key", "no database", "a setting that is no number"],
)
def test_a_configuration_that_cannot_work_is_bad_input(
    variables: dict[str, str], words: str, stage: Any, model: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    model()
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert main([]) == 2
    err = capsys.readouterr().err
    assert words in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("argument", ["--limit", "--workers", "--lease-seconds"])
@pytest.mark.parametrize("value", ["0", "-1", "many"])
def test_a_count_that_is_none_is_bad_input(argument: str, value: str, capsys: Any) -> None:
    with pytest.raises(SystemExit) as raised:
        main([f"{argument}={value}"])
    assert raised.value.code == 2
    assert "is not a whole number above 0" in capsys.readouterr().err


def test_no_transaction_is_open_while_the_model_answers(stage: Any, model: Any, database: Server) -> None:
    stage(*(page(number) for number in range(3)))
    open_transactions: list[int] = []

    def answer(_: Question) -> Json:
        with database.engine().connect() as connection:
            query = (
                "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in tr%' AND datname = current_database()"
            )
            open_transactions.append(connection.scalar(text(query)) or 0)
        return NOTHING

    model(answer)
    assert main(["--workers", "1"]) == 0
    assert open_transactions == [0, 0, 0]


def end_sessions(database: Server, *statements: str) -> None:
    """Do to a database what a server that goes down does: end its sessions, after other ``statements``."""
    engine = create_engine(database.url.set(database="postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
        query = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
        connection.execute(query, {"name": database.url.database})


def test_a_connection_that_breaks_is_made_anew(stage: Any, model: Any, database: Server, rows: Rows) -> None:
    stage(page(0), page(1))

    def answer(_: Question) -> Json:
        end_sessions(database)
        return NOTHING

    model(answer)
    assert main(["--workers", "1"]) == 0
    assert rows("SELECT count(*) FROM staging.stg_llm_extractions") == [(2,)]


def test_a_database_that_goes_down_is_named_in_one_line(stage: Any, model: Any, database: Server, capsys: Any) -> None:
    stage(page(0), page(1))

    def answer(_: Question) -> Json:
        end_sessions(database, f"ALTER DATABASE {database.url.database} ALLOW_CONNECTIONS false")
        return NOTHING

    server = model(answer)
    assert main(["--workers", "1"]) == 1
    out, err = capsys.readouterr()
    assert len(err.splitlines()) == 1
    assert "cannot be used" in err
    assert out.splitlines()[-1].startswith("Stopped: 0 pages extracted")
    assert len(server.served) == 1


def test_two_processes_share_the_work_and_never_a_page(stage: Any, model: Any, rows: Rows) -> None:
    stage(*(page(number) for number in range(60)))
    both = threading.Barrier(2)
    met = threading.Event()

    def answer(_: Question) -> Json:
        # With one worker each, two calls at once mean that both processes are at work.
        if not met.is_set():
            both.wait(timeout=60)
            met.set()
        return NOTHING

    server = model(answer)
    processes = [in_a_process("--workers", "1") for _ in range(2)]
    outputs = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    assert len(asked(server)) == len(set(asked(server))) == 60
    assert rows("SELECT count(*), count(DISTINCT scraped_page_id) FROM staging.stg_llm_extractions") == [(60, 60)]


def test_the_pages_of_a_killed_process_are_taken_up_at_once(stage: Any, model: Any, rows: Rows) -> None:
    stage(*(page(number) for number in range(6)))
    asked_once, killed = threading.Event(), threading.Event()

    def answer(_: Question) -> Json:
        asked_once.set()
        killed.wait(timeout=60)
        return NOTHING

    server = model(answer)
    process = in_a_process("--workers", "3")
    assert asked_once.wait(timeout=60)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    killed.set()
    assert rows("SELECT count(*) FROM staging.stg_llm_extractions") == [(0,)]
    assert main([]) == 0
    assert rows("SELECT count(*), count(DISTINCT scraped_page_id) FROM staging.stg_llm_extractions") == [(6, 6)]
    assert set(asked(server)) == {f"Tosca {number}" for number in range(6)}


def test_a_database_that_is_not_there_is_named_in_one_line(model: Any, monkeypatch: Any, capsys: Any) -> None:
    model()
    monkeypatch.setenv("DATABASE_URL", "postgresql://opera:hidden@127.0.0.1:9/opera")
    assert main([]) == 1
    err = capsys.readouterr().err
    assert "127.0.0.1:9" in err
    assert "hidden" not in err
    assert len(err.splitlines()) == 1
