"""A person's decision about a value wins over every extractor, and stays when the page is extracted again."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from opera_spiders.commands import extract_pending
from opera_spiders.commands.review import main
from opera_spiders.extraction.extractor import Extraction
from opera_spiders.extraction.review import Decision
from opera_spiders.warehouse import reviews, store
from sample_houses.answers import page_extraction
from tests.commands.pending import NOON, Rows, page
from tests.openai_server import Json, Question

URL = "https://opera.example/1"
COMPOSER = "productions[Tosca].composer"
ANY: Any = None
OPERA = "Opera in three acts by Giacomo Puccini"


def shown(around: str = "", **changes: Any) -> Any:
    cast = "<table><tr><td>Conductor</td><td>Ben Beispiel</td></tr><tr><td>Floria Tosca</td><td>Anna Muster</td></tr></table>"
    body = f"<html lang=en><body><h1>Tosca</h1><p>{OPERA}</p>{cast}<p>{around}</p></body></html>"
    return page(1, body=body.encode(), **changes)


def reading(**changes: Any) -> Callable[[Question], Json]:
    """Answer every question with the page as one production of Tosca, with these values."""
    production = {
        "opera_title": "Tosca",
        "composer": "Giuseppe Verdi",
        "cast_members": [{"performer": "Anna Muster", "role": "Floria Tosca"}],
    }
    answer = page_extraction({"page_type": "production", "productions": [production | changes]}, "b2")
    return lambda _: answer.model_dump(mode="json")


@pytest.fixture
def read(database_url: str, stage: Any, model: Any) -> Callable[..., None]:
    """Stage the page and have it extracted by a model that answers so."""

    def read(answer: Callable[[Question], Json] | None = None, **changes: Any) -> None:
        model(answer or reading())
        stage(shown(**changes))
        assert extract_pending.main([]) == 0

    return read


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert main(["list", "--json", *arguments]) == 0
    pages: list[dict[str, Any]] = json.loads(said(capsys))
    return pages


def best(rows: Rows, value: str = "raw_response #>> '{productions,0,composer}'") -> list[tuple[Any, ...]]:
    """What counts of each version of the page, the oldest first: the reviewed answer before any other."""
    return rows(
        f"SELECT DISTINCT ON (p.scraped_at) llm_model, {value}, evidence #>> '{{/productions/0/composer,status}}' "
        "FROM staging.stg_llm_extractions e JOIN staging.stg_scraped_pages p ON p.id = scraped_page_id "
        "ORDER BY p.scraped_at, llm_model = 'review' DESC, extracted_at DESC"
    )


def test_what_the_page_does_not_state_is_listed_with_the_page_beside_it(read: Any, capsys: Any) -> None:
    read()
    (found,) = listed(capsys)
    assert (found["url"], found["llm_model"]) == (URL, "openai:gpt-4o-mini")
    value = next(value for value in found["values"] if value["field"] == COMPOSER)
    assert (value["printed_value"], value["status"]) == ("Giuseppe Verdi", "absent")
    assert "the page does not state it" in value["reasons"]
    assert any(OPERA in line for line in value["page_text"])
    assert main(["list", "--domain", "other.example"]) == 2
    assert "No page of other.example has been extracted" in capsys.readouterr().err
    assert main(["list"]) == 0
    out = said(capsys)
    assert f"{COMPOSER} = Giuseppe Verdi" in out
    assert f"> b2 | p | {OPERA}" in out


@pytest.mark.parametrize(
    ("decision", "composer", "status"),
    [
        (["accept"], "Giuseppe Verdi", "reviewed"),
        (["correct", "--value", "Giacomo Puccini"], "Giacomo Puccini", "reviewed"),
        (["reject"], "Giuseppe Verdi", "absent"),
    ],
    ids=["accept", "correct", "reject"],
)
def test_a_decision_counts_at_once_and_leaves_the_list(
    decision: list[str], composer: str, status: str, read: Any, rows: Rows, capsys: Any
) -> None:
    read()
    assert main(["decide", URL, COMPOSER, "Giuseppe Verdi", *decision, "--by", "Ada"]) == 0
    assert best(rows) == [("review", composer, status)]
    assert COMPOSER not in [value["field"] for found in listed(capsys) for value in found["values"]]
    assert main(["decisions", "--json"]) == 0
    (made,) = json.loads(said(capsys))
    assert (made["decision"], made["reviewer"], made["value"]) == (
        decision[0],
        "Ada",
        decision[2] if decision[1:] else None,
    )

    assert main(["withdraw", URL, COMPOSER, "Giuseppe Verdi"]) == 0
    assert best(rows) == [("openai:gpt-4o-mini", "Giuseppe Verdi", "absent")]
    assert COMPOSER in [value["field"] for found in listed(capsys) for value in found["values"]]


@pytest.mark.parametrize("extractor", ["openai:another", "rules"])
def test_a_decision_survives_another_extractor_and_another_version_of_the_page(
    extractor: str, read: Any, stage: Any, model: Any, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    read()
    assert main(["decide", URL, COMPOSER, "Giuseppe Verdi", "correct", "--value", "Giacomo Puccini"]) == 0
    if extractor == "rules":
        monkeypatch.delenv("OPERA_LLM_MODEL")
    else:
        monkeypatch.setenv("OPERA_LLM_MODEL", extractor)
    server = model(reading(composer="GIUSEPPE  VERDI", venue="Elsewhere"))
    assert extract_pending.main([]) == 0
    assert server.served == [], "a page that a person has decided about is not paid for again"
    assert best(rows) == [("review", "Giacomo Puccini", "reviewed")]

    stage(shown("Twice this week", fetched_at=NOON + timedelta(days=1)))
    assert extract_pending.main([]) == 0
    assert best(rows)[1] == ("review", "Giacomo Puccini", "reviewed")
    ((versions,),) = rows("SELECT count(DISTINCT scraped_page_id) FROM staging.stg_llm_extractions")
    assert versions == 2


def test_who_confirms_a_name_confirms_the_function_that_names_it(read: Any, rows: Rows) -> None:
    read(reading(creative_team=[{"name": "Benno Falsch", "function": "conductor"}]))
    team = "productions[Tosca].creative_team"
    statuses = (
        "SELECT evidence #>> '{/productions/0/creative_team/0/name,status}', "
        "evidence #>> '{/productions/0/creative_team/0/function,status}' FROM staging.stg_llm_extractions "
        "ORDER BY llm_model = 'review'"
    )
    assert main(["decide", URL, f"{team}[conductor].name", "Benno Falsch", "correct", "--value", "Ben Beispiel"]) == 0
    assert rows(statuses) == [("absent", "absent"), ("reviewed", "reviewed")]
    assert main(["decide", URL, f"{team}[Ben Beispiel].function", "conductor", "reject"]) == 0
    assert rows(statuses) == [("absent", "absent"), ("reviewed", "absent")]


async def test_an_answer_that_comes_late_does_not_undo_a_review(async_engine: Any, database: Any, rows: Rows) -> None:
    late = Extraction("late", "openai:late", raw_response=reading()(ANY), confidence_score=Decimal(1))
    corrected = Decision(COMPOSER, "Giuseppe Verdi", "corrected", "Giacomo Puccini")
    owner = database.async_engine(role=None)
    async with async_engine.begin() as connection:
        page_id = await store.save_page(connection, shown())
        await store.save_extraction(connection, page_id, replace(late, extraction_version="early"))
    async with owner.begin() as connection:
        await reviews.decide(connection, URL, corrected, "Ada", None)
        assert await reviews.apply(connection, URL) == 1
    await owner.dispose()
    async with async_engine.begin() as connection:
        await store.save_extraction(connection, page_id, replace(late, raw_response=reading(composer="X")(ANY)))
    assert best(rows) == [("review", "Giacomo Puccini", "reviewed")]
    assert rows("SELECT count(*) FROM staging.stg_llm_extractions") == [(3,)]


def test_another_value_is_another_question(read: Any, rows: Rows, stage: Any, model: Any, capsys: Any) -> None:
    read()
    assert main(["decide", URL, COMPOSER, "Giuseppe Verdi", "reject"]) == 0
    model(reading(composer="Richard Wagner"))
    stage(shown("New", fetched_at=NOON + timedelta(days=1)))
    assert extract_pending.main([]) == 0
    assert best(rows)[1] == ("openai:gpt-4o-mini", "Richard Wagner", "absent")
    assert "Richard Wagner" in [value["printed_value"] for found in listed(capsys) for value in found["values"]]


def test_what_was_not_read_can_be_supplied_and_a_decision_replaced(read: Any, rows: Rows) -> None:
    read()
    venue = "raw_response #>> '{productions,0,venue}'"
    for value in ("Great Haus", "Great House"):
        assert main(["decide", URL, "productions[Tosca].venue", "", "correct", "--value", value]) == 0
    assert best(rows, venue)[0][:2] == ("review", "Great House")
    assert rows("SELECT count(*) FROM staging.reviews") == [(1,)]


def test_the_list_takes_decisions_back_as_a_file(
    read: Any, rows: Rows, capsys: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read()
    pages = listed(capsys)
    for value in pages[0]["values"]:
        if value["field"] == COMPOSER:
            value |= {"decision": "correct", "value": "Giacomo Puccini", "note": "as printed"}
    file = tmp_path / "decided.json"
    file.write_text(json.dumps(pages), encoding="utf-8")
    assert main(["decide", "--file", str(file)]) == 0
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(pages)))
    assert main(["decide", "--file", "-"]) == 0
    assert best(rows) == [("review", "Giacomo Puccini", "reviewed")]
    assert rows("SELECT note FROM staging.reviews") == [("as printed",)]


BAD_INPUT: list[tuple[list[str], str]] = [
    ([URL, COMPOSER, "Giuseppe Verdi", "maybe"], "'maybe' is no decision. Say accept, correct or reject."),
    ([URL, COMPOSER, "Giuseppe Verdi", "correct"], "needs --value"),
    ([URL, COMPOSER, "Giuseppe Verdi", "accept", "--value", "x"], "takes no --value"),
    ([URL, COMPOSER], "decide takes URL FIELD PRINTED"),
    (["https://opera.example/2", COMPOSER, "x", "accept"], "No page at https://opera.example/2"),
    ([URL, "productions[Tosca].composr", "x", "accept"], f"The nearest is {COMPOSER}."),
    ([URL, COMPOSER, "Richard Wagner", "accept"], "is 'Giuseppe Verdi', not 'Richard Wagner'"),
    ([URL, "productions[Tosca].venue", "", "accept"], "nothing to accept"),
    ([URL, "productions[Tosca].premiere_date", "", "correct", "--value", "1.3.27"], "a date is YYYY-MM-DD"),
    ([URL, "productions[Tosca].genre", "", "correct", "--value", "soap"], "Input should be"),
    (["--file", "/nowhere.json"], "Cannot read /nowhere.json"),
    (["--file", "NOT_JSON"], "is not what list --json prints"),
    (["--file", "EMPTY"], "holds no decision"),
]


def test_bad_input_is_named_and_nothing_is_kept(read: Any, rows: Rows, capsys: Any, tmp_path: Path) -> None:
    read()
    for name, text in {"NOT_JSON": "{", "EMPTY": "[]"}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for arguments, words in BAD_INPUT:
        capsys.readouterr()
        given = [str(tmp_path / each) if each in ("NOT_JSON", "EMPTY") else each for each in arguments]
        assert main(["decide", *given]) == 2, arguments
        (line,) = capsys.readouterr().err.splitlines()
        assert words in line
    assert main(["withdraw", URL, COMPOSER, "Giuseppe Verdi"]) == 2
    assert "Nothing was decided about" in capsys.readouterr().err
    assert rows("SELECT count(*) FROM staging.reviews") == [(0,)]
