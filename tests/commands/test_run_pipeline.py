"""``scripts/run_pipeline``: its arguments, its logs and its summary."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from opera_spiders.commands.run_pipeline import RUNS_KEPT, Step, main, new_logs
from opera_spiders.errors import BadInputError
from opera_spiders.outcomes import Outcome
from tests.crawls import html
from tests.politeness.local_host import Answer, LocalHost

NIGHT = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)


def test_each_run_has_logs_of_its_own_and_the_oldest_go(tmp_path: Path) -> None:
    first, same_second = new_logs(tmp_path, NIGHT), new_logs(tmp_path, NIGHT)
    assert (first.name, same_second.name) == ("2026-11-24T013000", "2026-11-24T013000-2")
    for night in range(1, RUNS_KEPT):
        new_logs(tmp_path, NIGHT + timedelta(days=night))
    assert not first.exists()
    assert same_second.exists()
    assert len(list((tmp_path / "logs").iterdir())) == RUNS_KEPT


def test_logs_that_cannot_be_written_are_bad_input(tmp_path: Path) -> None:
    (tmp_path / "logs").touch()
    with pytest.raises(BadInputError, match=r"logs cannot be written: File exists\. Set OPERA_HOME to a directory"):
        new_logs(tmp_path, NIGHT)


@pytest.mark.parametrize(
    ("status", "line", "outcome"),
    [
        (3, "moved: roh.example: its start page …", Outcome.MOVED),
        (2, "domain=x/y is not a host name.", Outcome.BAD_INPUT),
        (-9, "2026-11-24 01:30:00 [opera] INFO: 3 pages", Outcome.FAILED),
    ],
)
def test_a_step_knows_how_its_crawl_ended(status: int, line: str, outcome: Outcome) -> None:
    assert Step("roh.example", status, 1.0, line, Path("roh.log")).outcome is outcome


def test_the_summary_counts_the_outcomes_and_names_who_did_not_finish(
    host: Callable[..., LocalHost],
    closed_port: int,
    database_url: str,
    rows: Callable[..., list[tuple[object, ...]]],
    tmp_path: Path,
) -> None:
    well, refusing = host({"/": html("Sample Opera")}), host({"/": Answer("no", 403)})
    domains = [well.address, refusing.address, f"127.0.0.1:{closed_port}"]

    done = subprocess.run(
        [sys.executable, "-m", "opera_spiders.commands.run_pipeline", *domains, "--skip-dbt", "-s", "DOWNLOAD_DELAY=0",
         "-s", "OPERA_BACKOFF_SECONDS=0.01", "-s", "AUTOTHROTTLE_ENABLED=0", "-s", f"DATABASE_URL={database_url}"],
        check=False, capture_output=True, text=True, cwd=Path(__file__).parents[2],
        env={"OPERA_HOME": str(tmp_path), "OPERA_ALLOWED_NETWORKS": "127.0.0.1/32"},
    )  # fmt: skip

    assert done.returncode == 3, done.stdout + done.stderr
    assert "3 companies: 1 finished, 1 site_down, 1 blocked; extract_pending finished\n" in done.stdout
    (logs,) = (tmp_path / "logs").iterdir()
    assert f"logs in {logs}" in done.stdout
    assert len(list(logs.glob("127.0.0.1_*.log"))) == 3
    assert f"  {refusing.address}: the host's side (log: {logs}" in done.stdout
    assert rows("SELECT outcome FROM staging.crawl_runs ORDER BY 1") == [("blocked",), ("finished",), ("site_down",)]


@pytest.mark.parametrize(
    ("arguments", "variables", "status", "says"),
    [
        (["roh.org.uk/whats-on"], {}, 2, "is not a host name"),
        (["roh.org.uk", "-s", "DOWNLOAD_DELAY=soon"], {}, 2, "DOWNLOAD_DELAY=soon cannot be used"),
        (["roh.org.uk"], {"OPERA_DATABASE": "off"}, 2, "OPERA_DATABASE is off"),
        (["roh.org.uk"], {"OPERA_LLM_MODEL": "openai:any"}, 2, "needs OPENAI_API_KEY"),
        (["roh.org.uk"], {"DATABASE_URL": "postgresql://me:hunter2@127.0.0.1:1/x"}, 1, "127.0.0.1:1"),
    ],
)
def test_what_no_step_could_use_is_one_line_and_starts_nothing(
    arguments: list[str], variables: dict[str, str], status: int, says: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
):  # fmt: skip
    for name, value in {"OPERA_HOME": str(tmp_path / "home"), **variables}.items():
        monkeypatch.setenv(name, value)

    assert main(arguments) == status

    output = capsys.readouterr()
    assert (output.out, output.err.count("\n")) == ("", 1)
    assert says in output.err
    assert "hunter2" not in output.err
    assert not (tmp_path / "home").exists()
