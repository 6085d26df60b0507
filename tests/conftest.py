"""What every test may use: an empty environment, a migrated database of its own, and a Chromium where there is one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import hypothesis
import psycopg
import pytest
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from opera_spiders.warehouse.embedded import EmbeddedServer
from opera_spiders.warehouse.roles import grant_database_rights
from opera_spiders.warehouse.server import Server, libpq_url, migrate

OUR_VARIABLES = (
    "OPERA_",
    "DATABASE_URL",
    "OPENAI_",
    "GOOGLE_",
    "GEMINI_",
    "LANGCHAIN_",
    "LANGSMITH_",
    "PG",
    "SCRAPY_",
    "DBT_",
)
TEMPLATE = "opera_template"
ROOMS_IN_ONE_PROCESS = ("end_to_end", "dbt")  # a crawl of all sample houses, a build of the whole warehouse
url_string = libpq_url
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

hypothesis.settings.register_profile("short", max_examples=50, deadline=None, derandomize=True)
hypothesis.settings.register_profile("long", max_examples=2_000, deadline=None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the full counts of property, soak and scale tests")


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.load_profile("long" if config.getoption("--long") else "short")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    may_skip_browser = os.environ.get("OPERA_REQUIRE_BROWSER") != "1"
    for item in items:
        if "long" in item.keywords and not config.getoption("--long"):
            item.add_marker(pytest.mark.skip(reason="needs --long"))
        if "browser" in item.keywords and find_chromium() is None and may_skip_browser:
            item.add_marker(
                pytest.mark.skip(reason="needs a Chromium: none was found (OPERA_REQUIRE_BROWSER=1 fails instead)")
            )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Keep the tests that share a dear fixture in one process: xdist's own groups do not hold with pytest 9.2."""
    from xdist.scheduler import LoadScopeScheduling

    class ByRoom(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            room = nodeid.split("/")[1]
            return room if room in ROOMS_IN_ONE_PROCESS else nodeid

    return ByRoom(config, log)


def find_chromium() -> Path | None:
    """Return the Chromium the tests use: named, installed, or downloaded by Playwright."""
    named = os.environ.get("PLAYWRIGHT_CHROMIUM_PATH")
    installed = [shutil.which(name) for name in CHROMIUM_NAMES]
    downloads = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    downloaded = sorted(downloads.glob("chromium-*/chrome-linux*/chrome"), reverse=True)
    candidates = [Path(path) for path in (named, *installed) if path] + downloaded
    return next((path for path in candidates if path.is_file()), None)


CHROMIUM = find_chromium()


@pytest.fixture
def chromium_path() -> Path:
    """The Chromium of a test marked ``browser``."""
    if CHROMIUM is None:
        pytest.fail(
            "OPERA_REQUIRE_BROWSER=1, and no Chromium was found. Install chromium, or set PLAYWRIGHT_CHROMIUM_PATH."
        )
    return CHROMIUM


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing of the developer's environment or ``.env`` reaches a test, nor a process that a test starts."""
    for name in list(os.environ):
        if name.startswith(OUR_VARIABLES):
            monkeypatch.delenv(name)
    monkeypatch.setenv("OPERA_ENV_FILE", os.devnull)
    monkeypatch.setenv("OPERA_HOME", str(tmp_path_factory.getbasetemp() / "opera-home"))


@pytest.fixture(scope="session")
def reachable_directory() -> Iterator[Path]:
    """A directory the server's unprivileged user reaches when root runs the tests (pytest's own are 0700)."""
    directory = Path(tempfile.mkdtemp(prefix="opera-test-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture(scope="session")
def postgres(reachable_directory: Path) -> Iterator[EmbeddedServer]:
    """One server for the session (each xdist worker has its own), with a migrated template database."""
    server = EmbeddedServer(reachable_directory / "session", {"fsync": "off", "full_page_writes": "off"})
    server.start()
    migrate(Server(server.url, server))
    with maintenance(server) as connection:
        connection.execute(sql.SQL("ALTER DATABASE opera RENAME TO {}").format(sql.Identifier(TEMPLATE)))
    yield server
    server.stop()


_numbers = count(1)


@pytest.fixture
def database(postgres: EmbeddedServer) -> Iterator[Server]:
    """A fresh, migrated database."""
    name = f"opera_test_{next(_numbers)}"
    with maintenance(postgres) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(TEMPLATE))
        )
    server = Server(postgres.url.set(database=name), None)
    with server.engine().begin() as connection:
        grant_database_rights(connection)
    yield server
    with maintenance(postgres) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def empty_database(postgres: EmbeddedServer) -> Iterator[Server]:
    """A fresh database without our tables."""
    name = f"opera_test_{next(_numbers)}"
    with maintenance(postgres) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield Server(postgres.url.set(database=name), None)
    with maintenance(postgres) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def database_url(database: Server) -> str:
    """The owner's URL of a fresh, migrated database, as DATABASE_URL takes it."""
    return libpq_url(database.url)


@pytest.fixture
async def async_engine(database: Server) -> AsyncIterator[AsyncEngine]:
    """The crawl's engine (role opera_ingest) on a fresh database."""
    engine = database.async_engine()
    yield engine
    await engine.dispose()


@pytest.fixture
def rows(database: Server):
    """Run a query as the owner and return its rows: ``rows("SELECT url FROM staging.stg_scraped_pages")``."""

    def query(statement: str, **parameters: object) -> list[tuple[object, ...]]:
        with database.engine().connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement), parameters)]

    return query


def maintenance(server: EmbeddedServer) -> psycopg.Connection:
    host, port = str(server.socket_directory), server.port
    return psycopg.connect(host=host, port=port, user="opera", dbname="postgres", autocommit=True)
