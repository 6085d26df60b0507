"""``scripts/decisions``, as a user types it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from opera_spiders.commands.decisions import COLUMNS, main
from opera_spiders.warehouse.server import Server

Decisions = Callable[..., tuple[int, str]]
SEED = Path(__file__).parents[2] / "dbt_opera" / "seeds" / "resolution_decisions.csv"


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Decisions:
    """Run a command on the database; return its exit status and all it printed."""
    monkeypatch.setenv("DATABASE_URL", database_url)

    def run(*arguments: str) -> tuple[int, str]:
        status = main(list(arguments))
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return run


def exported(run: Decisions) -> list[list[str]]:
    return [row[:5] for row in csv.reader(run("export")[1].splitlines())]


def test_a_decision_is_kept_replaced_exported_and_forgotten(run: Decisions, tmp_path: Path) -> None:
    assert run("same", "performers", "Zoë  Poole", "Ann Poole", "--reason", "stage name")[0] == 0
    assert run("different", "opera_works", "la boheme house", "la-boheme-puccini")[0] == 0
    assert exported(run) == [
        list(COLUMNS[:5]),
        ["opera_works", "la boheme house", "la-boheme-puccini", "different", ""],
        ["performers", "Ann Poole", "Zoë Poole", "same", "stage name"],
    ]
    assert run("different", "performers", "Ann Poole", "Zoë Poole")[0] == 0
    assert exported(run)[2] == ["performers", "Ann Poole", "Zoë Poole", "different", ""]
    assert run("forget", "performers", "Zoë Poole", "Ann Poole")[0] == 0
    assert len(exported(run)) == 2
    assert run("export", str(tmp_path / "seed.csv")) == (0, "")
    seed, head = (tmp_path / "seed.csv").read_text("utf-8"), SEED.read_text("utf-8").splitlines()[0]
    assert seed.splitlines()[0] == head


def test_what_cannot_be_decided_is_said(run: Decisions, tmp_path: Path) -> None:
    assert run("same", "performers", "Ann Poole", " Ann  Poole ")[0] == 2
    assert run("forget", "performers", "Ann Poole", "Zoë Poole") == (
        2,
        "Nothing was decided about Ann Poole and Zoë Poole (performers). scripts/decisions export prints what was.\n",
    )
    file = tmp_path / "none" / "seed.csv"
    assert run("export", str(file)) == (
        1,
        f"Cannot write {file}: No such file or directory. Name another file.\n",
    )
    with pytest.raises(SystemExit) as raised:
        run("candidates", "--limit", "-3")
    assert raised.value.code == 2


def test_the_candidates_of_the_last_build_are_printed_the_likeliest_first(run: Decisions, database: Server) -> None:
    assert run("candidates") == (
        2,
        "The warehouse has no list of candidates yet: build it with scripts/run_dbt.\n",
    )
    with database.engine().begin() as connection:
        connection.execute(
            text(
                "CREATE TABLE core.resolution_candidates AS SELECT * FROM (VALUES "
                "('performers', 'a poole', 'ann poole', 'initial', 0.40::numeric(3, 2), 'open'), "
                "('performers', 'ann poole', 'anne poole', 'spelling', 0.50, 'open'), "
                "('performers', 'x', 'y', 'spelling', 0.90, 'merged')) "
                "AS v (entity, left_key, right_key, reason, score, outcome)"
            )
        )
    assert run("candidates", "--entity", "performers")[1].splitlines() == [
        "0.50  performers   ann poole  |  anne poole  (spelling)",
        "0.40  performers   a poole  |  ann poole  (initial)",
    ]
    assert run("candidates", "--entity", "opera_works") == (0, "The last build left no pair open.\n")
