"""The environment and ``.env``, read once, for Scrapy, Alembic, dbt and the scripts alike."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Config(BaseSettings):
    """Every setting of the project that is not Scrapy's own. Names equal the environment variables', lower case."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    database_url: SecretStr | None = None
    opera_home: Path | None = None
    opera_database: Literal["on", "off"] = "on"
    opera_contact: str | None = None
    opera_page_ttl_seconds: int = Field(default=86_400, ge=0)
    opera_allowed_networks: list[IPv4Network | IPv6Network] = []
    opera_llm_model: str | None = None
    openai_api_key: SecretStr | None = None
    openai_base_url: str | None = None
    google_api_key: SecretStr | None = None
    opera_llm_timeout_seconds: float = Field(default=120, gt=0)
    opera_llm_max_output_tokens: int = Field(default=16_000, gt=0)
    opera_llm_concurrency: int = Field(default=4, gt=0)
    opera_llm_budget_usd: Decimal | None = None
    playwright_chromium_path: Path | None = None

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """Return the configuration with Scrapy's settings (``-s``) over environment and ``.env``.

        :raises BadInputError: a value cannot be used; names the variable and says what it takes
        """
        raise NotImplementedError
