"""``scripts/evaluate_extraction`` prints tables, writes JSON and says what is wrong with its input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from opera_spiders.commands.evaluate import main
from tests.extraction.test_evaluate import ANSWER, PAGE


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "page.expected.json").write_text(json.dumps(ANSWER), encoding="utf-8")
    return tmp_path


def test_a_directory_is_evaluated(pages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = pages / "report.json"

    status = main([str(pages), "--model", "rules", "--json", str(written), "--fetched-at", "2026-11-24"])

    assert status == 0
    fields = json.loads(written.read_text(encoding="utf-8"))["fields"]
    assert fields["date"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 1}
    assert "precision" in capsys.readouterr().out


def test_long_names_of_pages_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for ending in ("first", "second"):
        page = f"a-house-whose-pages-all-begin-with-the-same-long-name-{ending}"
        (tmp_path / f"{page}.html").write_text(PAGE, encoding="utf-8")
        (tmp_path / f"{page}.expected.json").write_text(json.dumps(ANSWER), encoding="utf-8")

    assert main([str(tmp_path), "--model", "rules", "--fetched-at", "2026-11-24"]) == 0

    rows = [line.split("│") for line in capsys.readouterr().out.splitlines() if line.startswith("│")]
    names = "".join(row[1].strip() for row in rows)
    assert "long-name-first" in names
    assert "long-name-second" in names


@pytest.mark.parametrize("argument", ["/nowhere/at/all", "."])
def test_a_directory_without_answers_is_one_line(
    argument: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main([argument, "--model", "rules"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_report_that_cannot_be_written_is_one_line(pages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(pages), "--model", "rules", "--json", "/nowhere/report.json"]) == 1
    assert "Cannot write /nowhere/report.json" in capsys.readouterr().err
