"""What settings mean and how bad ones are refused."""

from __future__ import annotations

import os
import re
from ipaddress import ip_network
from pathlib import Path

import pytest

from opera_spiders import config
from opera_spiders.config import Config
from opera_spiders.errors import BadInputError


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("OPERA_PAGE_TTL_SECONDS", "a day", "is 'a day', but it takes a whole number of seconds, 0 or more."),
        ("OPERA_PAGE_TTL_SECONDS", "-1", "is '-1', but it takes a whole number of seconds, 0 or more."),
        ("OPERA_DATABASE", "maybe", "is 'maybe', but it takes on or off."),
        (
            "OPERA_ALLOWED_NETWORKS",
            "127.0.0.1/32,home",
            "is '127.0.0.1/32,home', but it takes networks separated by commas",
        ),
        ("OPERA_LLM_MODEL", "gpt-5", "cannot be used, but it takes provider:model, such as openai:"),
        ("OPERA_LLM_MODEL", ":gpt-5", "cannot be used, but it takes provider:model"),
        ("OPERA_LLM_TIMEOUT_SECONDS", "0", "is '0', but it takes a number of seconds above 0."),
        (
            "OPENAI_BASE_URL",
            "localhost:80",
            "cannot be used, but it takes an http or https URL, such as http://127.0.0.1",
        ),
        ("DATABASE_URL", "mysql://me:hunter2@host/db", "has the scheme 'mysql', but it takes a PostgreSQL URL"),
        ("DATABASE_URL", "hunter2", "has no scheme, but it takes a PostgreSQL URL"),
    ],
)
def test_a_bad_value_is_named_with_what_the_variable_takes(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadInputError) as raised:
        Config.from_environment()
    message = str(raised.value)
    assert message.startswith(f"{name} {expected}")
    assert "\n" not in message
    assert "hunter2" not in message
    monkeypatch.delenv(name)
    with pytest.raises(BadInputError, match=name):
        Config.from_settings({name: value})


def test_scrapys_settings_win_over_the_environment_and_that_over_the_env_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "env"
    file.write_text(
        "OPERA_CONTACT=file@example.org\nOPERA_LLM_MODEL=openai:file\nOPERA_PAGE_TTL_SECONDS=1\nOPERA_DATABASE=\n"
    )
    monkeypatch.setenv("OPERA_ENV_FILE", str(file))
    monkeypatch.setenv("OPERA_LLM_MODEL", "openai:environment")
    monkeypatch.setenv("OPERA_PAGE_TTL_SECONDS", "2")
    read = Config.from_settings({"OPERA_PAGE_TTL_SECONDS": "3", "OPERA_DATABASE": None, "BOT_NAME": "x"})
    assert read.opera_contact == "file@example.org"
    assert read.opera_llm_model == "openai:environment"
    assert read.opera_page_ttl_seconds == 3
    assert read.opera_database == "on"


def test_the_env_file_of_the_current_directory_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("OPERA_ENV_FILE")
    monkeypatch.setattr(config, "checkout_path", lambda: None)
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("OPERA_CONTACT=here@example.org\n")
    assert Config.from_environment().opera_contact == "here@example.org"


def test_an_env_file_that_is_named_must_be_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for named in (tmp_path, tmp_path / "none"):
        monkeypatch.setenv("OPERA_ENV_FILE", str(named))
        with pytest.raises(BadInputError, match=f"OPERA_ENV_FILE is '{named}', but there is no such file"):
            Config.from_environment()
    monkeypatch.setenv("OPERA_ENV_FILE", os.devnull)
    assert Config.from_environment().opera_contact is None


def test_a_broken_line_of_the_env_file_is_named_but_not_repeated(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "env"
    file.write_text("OPERA_CONTACT=me@example.org\n\nOPENAI_API_KEY='hunter2\n")
    monkeypatch.setenv("OPERA_ENV_FILE", str(file))
    with pytest.raises(BadInputError, match=f"Line 3 of {file} cannot be read") as raised:
        Config.from_environment()
    assert "hunter2" not in str(raised.value)


def test_a_name_that_nobody_reads_is_warned_of_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "env"
    file.write_text("OPERA_LLM_MODLE=x\nOPERA_EMPTYY=\nOTHER_NAME=x\nopera_contact=x\n")
    monkeypatch.setenv("OPERA_ENV_FILE", str(file))
    monkeypatch.setenv("OPERA_CONTCAT", "x")
    monkeypatch.setenv("OPERA_ROBOTS_ATTEMPTS", "5")
    monkeypatch.setenv("OPERA_REQUIRE_BROWSER", "1")
    config._warn_of_unknown_name.cache_clear()
    Config.from_environment()
    Config.from_environment()
    assert sorted(record.getMessage() for record in caplog.records) == [
        "OPERA_CONTCAT is set in the environment, where nothing reads it: did you mean OPERA_CONTACT?",
        f"OPERA_LLM_MODLE is set in {file}, where nothing reads it: did you mean OPERA_LLM_MODEL?",
        "OPERA_ROBOTS_ATTEMPTS is set in the environment, where nothing reads it: "
        "give it to scrapy crawl, as -s OPERA_ROBOTS_ATTEMPTS=…",
    ]


def test_every_name_that_the_code_reads_is_known() -> None:
    root = Path(__file__).parents[1]
    files = [*(root / "opera_spiders").rglob("*.py"), *(root / "dbt_opera").glob("*.yml"), root / "tests/conftest.py"]
    read = {
        name
        for file in files
        for name in re.findall(
            r"""(?:get\w*\(|env_var\(|settings\[)["'](OPERA_\w+)""", file.read_text(encoding="utf-8")
        )
    }
    assert read == {*config.OTHER_VARIABLES, *config.SCRAPY_SETTINGS}


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("OPERA_ALLOWED_NETWORKS", "")
    monkeypatch.setenv("OPERA_LLM_MODEL", "")
    read = Config.from_environment()
    assert (read.database_url, read.opera_allowed_networks, read.opera_llm_model) == (None, (), None)


def test_networks_are_separated_by_commas() -> None:
    read = Config.from_settings({"OPERA_ALLOWED_NETWORKS": "127.0.0.1/32, 10.1.2.3/8"})
    assert read.opera_allowed_networks == (ip_network("127.0.0.1/32"), ip_network("10.0.0.0/8"))


def test_secrets_are_not_shown() -> None:
    read = Config.from_settings({"DATABASE_URL": "postgresql://me:hunter2@host/db", "OPENAI_API_KEY": "hunter2"})
    assert "hunter2" not in repr(read) + str(read)


def test_a_subprocess_is_given_what_is_in_force_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPERA_CONTACT", "me@example.org")
    read = Config.from_settings({"OPENAI_API_KEY": "hunter2", "OPERA_ALLOWED_NETWORKS": "127.0.0.1/32,::1/128"})
    for name in ("OPENAI_API_KEY", "OPERA_ALLOWED_NETWORKS", "OPERA_CONTACT"):
        monkeypatch.setenv(name, read.environment()[name])
    assert Config.from_environment() == read
    assert read.environment()["PATH"] == os.environ["PATH"]


def test_the_home_is_that_of_the_checkout_unless_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("OPERA_HOME")
    assert Config.from_environment().opera_home_path() == Path(__file__).parents[1] / ".opera"
    assert Config.from_settings({"OPERA_HOME": str(tmp_path)}).opera_home_path() == tmp_path
    monkeypatch.setattr(config, "checkout_path", lambda: None)
    with pytest.raises(BadInputError, match="OPERA_HOME is not set, and this code does not run from a checkout"):
        Config.from_environment().opera_home_path()
