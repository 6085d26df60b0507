"""The history of the schema: up, down, at once, from an egg, on every server, by a modest owner."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import Connection, text

from opera_spiders.errors import DatabaseError
from opera_spiders.warehouse import migrations
from opera_spiders.warehouse.embedded import Binaries, EmbeddedServer, binaries_in, find_binaries, system_binaries
from opera_spiders.warehouse.logins import login_url
from opera_spiders.warehouse.roles import DBT, INGEST, READER
from opera_spiders.warehouse.server import DRIVER, Server, libpq_url, migrate
from tests.conftest import maintenance

PACKAGE = Path(migrations.__file__).parents[2]


def alembic_config(connection: Connection) -> AlembicConfig:
    config = AlembicConfig(PACKAGE.parent / "alembic.ini")
    config.attributes["connection"] = connection
    return config


def test_the_revisions_make_what_the_tables_say(database: Server) -> None:
    with database.engine().connect() as connection:
        command.check(alembic_config(connection))


def test_all_revisions_can_be_undone_and_done_again(database: Server) -> None:
    with database.engine().begin() as connection:
        command.downgrade(alembic_config(connection), "base")
        assert connection.scalar(text("SELECT to_regclass('staging.stg_scraped_pages')")) is None
        command.upgrade(alembic_config(connection), "head")
        assert migrations.current(connection) == migrations.head()


def test_migrations_at_the_same_moment_wait_for_each_other(empty_database: Server) -> None:
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda _: migrate(empty_database), range(3)))
    with empty_database.engine().connect() as connection:
        assert migrations.current(connection) == migrations.head()


def test_a_migration_that_fails_changes_nothing(empty_database: Server) -> None:
    with empty_database.engine().begin() as connection:
        connection.execute(text("CREATE SCHEMA core"))
    with pytest.raises(DatabaseError, match=r'schema "core" already exists\. Nothing was changed'):
        migrate(empty_database)
    with empty_database.engine().connect() as connection:
        assert connection.scalar(text("SELECT to_regnamespace('staging')")) is None


def test_the_migrations_run_from_a_zipped_egg(empty_database: Server, tmp_path: Path) -> None:
    egg = tmp_path / "opera.egg"
    with zipfile.ZipFile(egg, "w") as archive:
        for file in PACKAGE.rglob("*"):
            if file.suffix in (".py", ".mako"):
                archive.write(file, file.relative_to(PACKAGE.parent))
    program = (
        "import opera_spiders; from opera_spiders.config import Config; from opera_spiders.warehouse.server import *;"
        "assert '.egg' in opera_spiders.__file__; migrate(find_server(Config.from_environment()))"
    )
    environment = os.environ | {"PYTHONPATH": str(egg), "DATABASE_URL": libpq_url(empty_database.url)}
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment, check=True)
    with empty_database.engine().connect() as connection:
        assert migrations.current(connection) == migrations.head()


def servers() -> list[Binaries]:
    """The package's server and the oldest we support, where it is installed."""
    installed = [found for directory in system_binaries() if (found := binaries_in(directory))]
    return [find_binaries(), *(found for found in installed if found.major == 15)]


@pytest.fixture(scope="module", params=servers(), ids=lambda found: f"postgresql-{found.version}")
def modest_owner(request: pytest.FixtureRequest, reachable_directory: Path) -> Iterator[Server]:
    """A database whose owner is no superuser, on a server that has never seen this project."""
    home = reachable_directory / f"modest-{request.param.version}"
    embedded = EmbeddedServer(home, {"fsync": "off"}, binaries=request.param)
    embedded.start()
    with maintenance(embedded) as connection:
        connection.execute('CREATE ROLE "modest owner" LOGIN CREATEROLE')
        connection.execute('CREATE DATABASE "the opera" OWNER "modest owner"')
        connection.execute('CREATE DATABASE another OWNER "modest owner"')
    url = login_url(Server(embedded.url, embedded), "modest owner", home).set(drivername=DRIVER, database="the opera")
    yield Server(url, None)
    embedded.remove()
    shutil.rmtree(home)


def test_an_owner_who_may_create_roles_is_enough(modest_owner: Server) -> None:
    migrate(modest_owner)
    migrate(modest_owner)
    with modest_owner.engine(DBT).begin() as connection:
        connection.execute(text("CREATE TABLE marts.mart_x AS SELECT 1 AS value"))
        connection.execute(text("CREATE TABLE core.x AS SELECT 1 AS value"))
    with modest_owner.engine(INGEST).begin() as connection:
        connection.execute(text("SELECT * FROM staging.stg_scraped_pages"))
    with modest_owner.engine(READER).connect() as connection:
        assert connection.scalar(text("SELECT value FROM marts.mart_x")) == 1
        assert not connection.scalar(text("SELECT has_database_privilege(current_database(), 'TEMPORARY')"))
        assert not connection.scalar(text("SELECT has_schema_privilege('core', 'USAGE')"))


def test_a_second_database_on_the_server_uses_the_same_roles(modest_owner: Server) -> None:
    migrate(modest_owner)
    second = Server(modest_owner.url.set(database="another"), None)
    migrate(second)
    with second.engine(INGEST).connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM staging.stg_scraped_pages")) == 0


def test_an_owner_who_may_not_create_roles_is_told_what_a_superuser_must_do(
    postgres: EmbeddedServer, tmp_path: Path
) -> None:
    name = "opera_powerless"
    with maintenance(postgres) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN")
        connection.execute(f"CREATE DATABASE {name} OWNER {name}")
    url = login_url(Server(postgres.url.set(database=name), postgres), name, tmp_path)
    try:
        with pytest.raises(
            DatabaseError, match=r"may not become the role opera_ingest .* As a superuser, run: GRANT opera_ingest TO"
        ):
            migrate(Server(url.set(drivername=DRIVER), None))
    finally:
        with maintenance(postgres) as connection:
            connection.execute(f"DROP DATABASE {name}")
            connection.execute(f"DROP ROLE {name}")
