"""The environment and ``.env``, read once, for Scrapy, Alembic, dbt and the scripts alike."""

from __future__ import annotations

import difflib
import logging
import os
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args
from urllib.parse import urlsplit

from dotenv.parser import parse_stream
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from opera_spiders.bounded import CPU_SECONDS
from opera_spiders.errors import BadInputError

logger = logging.getLogger(__name__)

#: Not repeated in messages: an address may name a password, and a key may have been put where a name belongs.
_MAY_HOLD_SECRETS = ("openai_base_url", "opera_llm_model", "opera_llm_fallback_model")
DATABASE_SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")
#: Read from the environment by others than ``Config``: here, in the tests and in dbt's profile.
OTHER_VARIABLES = ("OPERA_ENV_FILE", "OPERA_REQUIRE_BROWSER", "OPERA_DBT_ROLE", "OPERA_DBT_THREADS")
#: Settings that components take from Scrapy alone (``-s``), and what each is.
SCRAPY_SETTINGS: dict[str, type] = {
    "OPERA_BACKOFF_SECONDS": float,
    "OPERA_LEAST_SHARE": float,
    "OPERA_MAX_HOST_FAILURES": int,
    "OPERA_MAX_SUSPENSION_SECONDS": float,
    "OPERA_RENDER_TIMEOUT_SECONDS": float,
    "OPERA_ROBOTS_ATTEMPTS": int,
    "OPERA_TURNS_DIR": str,
}


def checkout_path() -> Path | None:
    """Return the root of the checkout this code runs from; None for an egg, a zip or an installed package."""
    root = Path(__file__).resolve().parents[1]
    return root if (root / "dbt_opera").is_dir() and (root / "pyproject.toml").is_file() else None


class Config(BaseSettings):
    """Every setting of the project that is not Scrapy's own. Names equal the environment variables', lower case.

    Taken, the first that is set and not empty: Scrapy's ``-s``, the environment, ``.env`` of the current directory,
    ``.env`` of the checkout. ``OPERA_ENV_FILE`` names another file to read in place of both ``.env``.
    A field's description says what it takes; error messages quote it.
    """

    model_config = SettingsConfigDict(env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True)

    database_url: SecretStr | None = Field(
        default=None, description="a PostgreSQL URL such as postgresql://user:password@host:5432/database"
    )
    opera_home: Path | None = Field(default=None, description="a directory")
    opera_database: Literal["on", "off"] = Field(default="on", description="on or off")
    opera_contact: str | None = Field(default=None, description="an e-mail address or a URL")
    opera_page_ttl_seconds: int = Field(default=86_400, ge=0, description="a whole number of seconds, 0 or more")
    opera_allowed_networks: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        default=(), description="networks separated by commas, such as 127.0.0.1/32,::1/128"
    )
    opera_extraction: Literal["on", "off"] = Field(default="on", description="on or off")
    opera_llm_model: str | None = Field(default=None, description="provider:model, such as openai:gpt-5-mini")
    opera_llm_fallback_model: str | None = Field(default=None, description="provider:model, such as openai:gpt-5")
    opera_llm_skip_structured: Literal["on", "off"] = Field(default="off", description="on or off")
    openai_api_key: SecretStr | None = Field(default=None, description="a key")
    openai_base_url: str | None = Field(
        default=None, description="an http or https URL, such as http://127.0.0.1:11434/v1"
    )
    google_api_key: SecretStr | None = Field(default=None, description="a key")
    opera_reading_cpu_seconds: float = Field(default=CPU_SECONDS, gt=0, description="a number of seconds above 0")
    opera_llm_timeout_seconds: float = Field(default=120, gt=0, description="a number of seconds above 0")
    opera_llm_max_output_tokens: int = Field(default=16_000, gt=0, description="a whole number of tokens above 0")
    opera_llm_concurrency: int = Field(default=4, gt=0, description="a whole number of calls above 0")
    opera_llm_budget_usd: Decimal | None = Field(
        default=None, gt=0, description="an amount in USD above 0, such as 2.50"
    )
    opera_llm_budget_usd_per_day: Decimal | None = Field(
        default=None, gt=0, description="an amount in USD above 0, such as 10"
    )
    playwright_chromium_path: Path | None = Field(default=None, description="the path of a Chromium executable")

    @field_validator("opera_allowed_networks", mode="before")
    @classmethod
    def _split_networks(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return [ip_network(part.strip(), strict=False) for part in value.split(",") if part.strip()]

    @field_validator("opera_database", "opera_llm_skip_structured", "opera_extraction", mode="before")
    @classmethod
    def _lower_case(cls, value: Any) -> Any:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and urlsplit(value.get_secret_value()).scheme not in DATABASE_SCHEMES:
            raise ValueError("not a PostgreSQL URL")
        return value

    @field_validator("openai_base_url")
    @classmethod
    def _is_http(cls, value: str | None) -> str | None:
        if value is not None and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname):
            raise ValueError("not a URL")
        return value

    @field_validator("opera_llm_model", "opera_llm_fallback_model")
    @classmethod
    def _names_provider_and_model(cls, value: str | None) -> str | None:
        if value is not None and not all(part.strip() for part in (value.partition(":")[0], value.partition(":")[2])):
            raise ValueError("no provider")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the sources, the one that wins first."""
        return init_settings, env_settings, dotenv_settings

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """Return the configuration with Scrapy's settings (``-s``) over environment and ``.env``.

        :raises BadInputError: a value or ``.env`` cannot be used; names the variable, or the file and its line
        """
        given = {name: settings.get(name.upper()) for name in cls.model_fields}
        given = {name: value for name, value in given.items() if value is not None and value != ""}
        try:
            files = _env_files()
            _warn_of_unknown_names(files)
            return cls(_env_file=files, **given)
        except ValidationError as error:
            raise BadInputError(" ".join(_complaints(cls, error))) from None
        except (OSError, UnicodeDecodeError) as error:
            raise BadInputError(f"The .env file cannot be read: {error}. Make it readable, or remove it.") from None

    @classmethod
    def from_environment(cls) -> Self:
        """Return the configuration of environment and ``.env``.

        :raises BadInputError: a value cannot be used
        """
        return cls.from_settings({})

    def opera_home_path(self) -> Path:
        """Return the directory for what the project keeps between runs: ``OPERA_HOME``, or ``.opera`` of the checkout.

        It need not exist yet.

        :raises BadInputError: OPERA_HOME is unset and the code does not run from a checkout
        """
        if self.opera_home is not None:
            return self.opera_home.expanduser().absolute()
        root = checkout_path()
        if root is None:
            raise BadInputError(
                "OPERA_HOME is not set, and this code does not run from a checkout (it was deployed or installed). "
                "Set OPERA_HOME to a directory for the project's data, or DATABASE_URL to a PostgreSQL server."
            )
        return root / ".opera"

    def environment(self) -> dict[str, str]:
        """Return the environment for a subprocess (dbt, psql, another crawl): ours with every setting in force here.

        What came from ``.env`` or ``-s`` is spelled out, secrets too, so the child reads the same configuration from
        any directory. The connection (``PG*``) is added by ``warehouse.server``.
        """
        written = {name.upper(): getattr(self, name) for name in self.model_fields_set}
        return os.environ | {name: _written(value) for name, value in written.items() if value is not None}


def _env_files() -> tuple[Path, ...]:
    """Return the ``.env`` files to read, the one that wins last; none of them is a directory.

    :raises BadInputError: OPERA_ENV_FILE names no file
    """
    if named := os.environ.get("OPERA_ENV_FILE"):
        file = Path(named).expanduser()
        if not file.exists() or file.is_dir():
            raise BadInputError(f"OPERA_ENV_FILE is {named!r}, but there is no such file. Name one, or unset it.")
        return (file,)
    root = checkout_path()
    return tuple(file for file in (*([root / ".env"] if root else []), Path.cwd() / ".env") if file.is_file())


def _warn_of_unknown_names(files: tuple[Path, ...]) -> None:
    """Log a warning for each name that looks like ours, is set and is read by nobody.

    :raises BadInputError: a line of a file cannot be read
    """
    places = dict.fromkeys((name for name, value in os.environ.items() if value), "the environment")
    for file in files:
        places |= dict.fromkeys(_names_in(file), str(file))
    known = {name.upper() for name in Config.model_fields} | set(OTHER_VARIABLES)
    for name, place in places.items():
        if name.upper().startswith("OPERA_") and name.upper() not in known:
            _warn_of_unknown_name(name, place)


def _names_in(file: Path) -> Iterator[str]:
    with file.open(encoding="utf-8") as lines:
        for binding in parse_stream(lines):
            if binding.error:
                statement = binding.original.string
                blank_lines = statement[: -len(statement.lstrip())].count("\n")
                # The statement is not repeated: it may hold half a key.
                line = binding.original.line + blank_lines
                raise BadInputError(
                    f"Line {line} of {file} cannot be read. Write NAME=value, in quotes where the value has several "
                    "lines, and # before a comment."
                )
            if binding.key and binding.value:
                yield binding.key


@cache
def _warn_of_unknown_name(name: str, place: str) -> None:
    """Log the warning once in a process, which reads its configuration many times."""
    if name.upper() in SCRAPY_SETTINGS:
        advice = f"give it to scrapy crawl, as -s {name.upper()}=…"
    else:
        names = [*(field.upper() for field in Config.model_fields), *OTHER_VARIABLES, *SCRAPY_SETTINGS]
        advice = f"did you mean {difflib.get_close_matches(name.upper(), names, n=1, cutoff=0)[0]}?"
    logger.warning("%s is set in %s, where nothing reads it: %s", name, place, advice)


def _written(value: Any) -> str:
    """Return a value as the environment spells it."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _complaints(model: type[BaseSettings], error: ValidationError) -> list[str]:
    """Return one sentence per bad variable. A secret's value is not repeated."""
    sentences = {}
    for problem in error.errors(include_url=False, include_context=False):
        name = str(problem["loc"][0])
        field = model.model_fields[name]
        is_secret = name in _MAY_HOLD_SECRETS or SecretStr in (field.annotation, *get_args(field.annotation))
        value = "cannot be used" if is_secret else f"is {_written(problem['input'])!r}"
        if name == "database_url":
            scheme = urlsplit(_written(problem["input"])).scheme
            value = f"has the scheme {scheme!r}" if scheme else "has no scheme"
        sentences[name] = f"{name.upper()} {value}, but it takes {field.description}."
    return list(sentences.values())
