"""``scripts/companies`` and the registry."""

from __future__ import annotations

import csv
import re
import shutil
from importlib import import_module
from io import StringIO
from pathlib import Path

import pytest

from opera_spiders.commands.companies import REGISTRY, main
from opera_spiders.companies import COLUMNS, Company, companies, company_of, problems, write_rows

SCRIPTS = Path(__file__).parents[2] / "scripts"
GOOD = {
    "slug": "sample-opera",
    "name": "Sample Opera",
    "city": "Sampleton",
    "country_code": "GB",
    "domain": "sample-opera.example",
    "tier": "regional",
    "timezone": "Europe/London",
    "currency": "GBP",
    "company_type": "resident",
}


def row(**changes: str) -> dict[str, str]:
    return {column: {**GOOD, **changes}.get(column, "") for column in COLUMNS}


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    return Path(shutil.copy(REGISTRY, tmp_path / "companies.csv"))


def test_the_registry_has_no_fault(capsys: pytest.CaptureFixture[str]):
    assert main(["check"]) == 0
    assert "no problem" in capsys.readouterr().out


def test_every_domain_selects_its_company():
    for company in companies():
        for domain in company.domains:
            assert company_of(f"WWW.{domain}") == company


def test_the_old_domain_of_a_house_selects_it_at_its_new_one():
    company = company_of("roh.org.uk")
    assert isinstance(company, Company)
    assert company.domain == "rbo.org.uk"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"slug": ""}, "slug is empty"),
        ({"slug": "Sample Opera"}, "a-z, 0-9 and hyphens"),
        ({"domain": "https://sample-opera.example"}, "bare host name"),
        ({"domain": "www.sample-opera.example"}, "bare host name"),
        ({"other_domains": "old.example;Old.example"}, "bare host name"),
        ({"other_domains": "sample-opera.example"}, "listed 2 times"),
        ({"start_url": "https://elsewhere.example/"}, "on one of the row's domains"),
        ({"start_url": "/whats-on"}, "on one of the row's domains"),
        ({"country_code": "UK"}, "ISO 3166-1"),
        ({"country_code": "gb"}, "ISO 3166-1"),
        ({"country_code": "ZZ"}, "ISO 3166-1"),
        ({"currency": "POUND"}, "ISO 4217"),
        ({"timezone": "London"}, "IANA name"),
        ({"page_language": "English"}, "ISO 639-1"),
        ({"tier": "best"}, "tier-1, tier-2"),
        ({"company_type": "theatre"}, "resident, festival"),
        ({"archive_policy": "sometimes"}, "all, never"),
        ({"founded_year": "long ago"}, "founded_year"),
        ({"latitude": "120"}, "-90 to 90"),
        ({"name": " Sample "}, "white space"),
    ],
)
def test_a_fault_is_named_with_its_line(changes: dict[str, str], says: str):
    found = problems([row(**changes)])
    assert len(found) >= 1
    assert any(says in fault for fault in found)


def test_what_must_be_unique_is():
    twice = problems([row(), row(domain="another.example")])
    assert twice == ["slug 'sample-opera' stands in 2 rows; it must be unique."]


def test_a_row_with_a_field_too_few_is_a_fault():
    short = list(csv.DictReader(StringIO(write_rows([row()]).rsplit(",", 1)[0])))
    assert "must have" in problems(short)[0]


def test_a_row_that_is_cut_off_is_one_line_of_the_check(registry: Path, capsys: pytest.CaptureFixture[str]):
    with registry.open("a", encoding="utf-8") as lines:
        lines.write("x,y\n")

    assert main(["--file", str(registry), "check"]) == 2

    fault, summary = capsys.readouterr().err.splitlines()
    assert fault == f"line {len(companies()) + 2} (x): must have {len(COLUMNS)} fields."
    assert "1 problem." in summary


def test_a_company_is_added_behind_the_others_of_its_country(registry: Path, capsys: pytest.CaptureFixture[str]):
    options = [text for column, value in GOOD.items() for text in (f"--{column.replace('_', '-')}", value)]

    assert main(["--file", str(registry), "add", *options]) == 0

    rows = list(csv.DictReader(StringIO(registry.read_text(encoding="utf-8"))))
    british = [number for number, entry in enumerate(rows) if entry["country_code"] == "GB"]
    assert rows[british[-1]]["slug"] == "sample-opera"
    assert problems(rows) == []
    assert "scrapy crawl opera -a domain=sample-opera.example" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"domain": "roh.org.uk"}, "roh.org.uk"), ({"timezone": "London"}, "IANA name"), ({"name": ""}, "name is empty")],
)
def test_a_bad_company_is_refused_and_nothing_is_written(
    registry: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, str], says: str
):
    before = registry.read_bytes()
    options = [
        text for column, value in {**GOOD, **changes}.items() for text in (f"--{column.replace('_', '-')}", value)
    ]

    assert main(["--file", str(registry), "add", *options]) == 2

    assert says in capsys.readouterr().err
    assert registry.read_bytes() == before


def test_each_fault_of_a_company_is_a_line_of_its_own(registry: Path, capsys: pytest.CaptureFixture[str]):
    bad = {**GOOD, "timezone": "London", "currency": "POUND"}
    options = [text for column, value in bad.items() for text in (f"--{column.replace('_', '-')}", value)]

    assert main(["--file", str(registry), "add", *options]) == 2

    heading, *faults = capsys.readouterr().err.splitlines()
    assert heading == f"sample-opera.example was not added to {registry}:"
    assert [fault.split(" (sample-opera): ")[1].split(" '")[0] for fault in faults] == ["currency", "timezone"]


def test_what_a_company_must_have_is_asked_for(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as raised:
        main(["add", "--slug", "sample-opera"])

    assert raised.value.code == 2
    missing = "--name, --city, --country-code, --domain, --timezone, --currency"
    assert capsys.readouterr().err.endswith(f"the following arguments are required: {missing}\n")


def test_a_file_that_is_no_registry_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    wrong = tmp_path / "other.csv"
    wrong.write_text("a,b\n1,2\n")

    assert main(["--file", str(wrong), "check"]) == 2
    assert main(["--file", str(tmp_path / "none.csv"), "check"]) == 2

    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith(f"{wrong} is no registry, which has exactly these columns")
    assert second == f"{tmp_path / 'none.csv'} cannot be read: No such file or directory. Name a registry with --file."


def test_companies_are_listed_by_country(capsys: pytest.CaptureFixture[str]):
    assert main(["list", "--country", "IE"]) == 0
    assert "wexfordopera.com" in capsys.readouterr().out


def test_the_companies_of_another_file_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "companies.csv"
    file.write_text(write_rows([row()]), encoding="utf-8")

    assert main(["--file", str(file), "list"]) == 0
    assert capsys.readouterr().out.split() == ["sample-opera.example", "GB", "Sample", "Opera"]


@pytest.mark.parametrize(
    "module",
    [found[1] for script in sorted(SCRIPTS.iterdir()) if (found := re.search(r'/\.run" (\w+) ', script.read_text()))],
)
def test_help_is_plain_text(module: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as raised:
        import_module(f"opera_spiders.commands.{module}").main(["--help"])

    assert raised.value.code == 0
    assert "`" not in capsys.readouterr().out
