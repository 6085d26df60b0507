"""The PostgreSQL in use: which one it is, whether it is fit, and how each part of the project connects to it.

``DATABASE_URL`` names a server; without it the embedded one is started and migrated by itself.
"""

from __future__ import annotations

import logging
import re
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from opera_spiders.config import Config
from opera_spiders.errors import BadInputError, DatabaseError
from opera_spiders.warehouse import migrations
from opera_spiders.warehouse.embedded import OLDEST_MAJOR, EmbeddedServer
from opera_spiders.warehouse.roles import INGEST, missing_roles

logger = logging.getLogger(__name__)

DRIVER = "postgresql+psycopg"
# Names this process's connections in pg_stat_activity: a claim or run whose session is gone belongs to a dead process.
SESSION = f"opera/{uuid.uuid4()}"
CONNECT_SECONDS = 10
# Connection failures, out of disk, memory or connections, shut down, read-only after a failover.
LOST_STATES = ("08", "53", "57P0", "25006")
LIBPQ_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "channel_binding": "PGCHANNELBINDING",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "gssencmode": "PGGSSENCMODE",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "options": "PGOPTIONS",
}


@dataclass(frozen=True, slots=True)
class Server:
    """One database on one PostgreSQL server, reached as its owner. ``embedded`` is None for a server of the user's."""

    url: URL
    embedded: EmbeddedServer | None

    @property
    def place(self) -> str:
        """Return where the database is, for messages: no user, no password."""
        if self.embedded:
            return f"the embedded PostgreSQL in {self.embedded.directory}"
        host = self.url.host or self.url.query.get("host") or "the local socket"
        port = self.url.port or self.url.query.get("port") or 5432
        return f"PostgreSQL at {host}:{port}, database {self.url.database or self.url.username or 'by default'}"

    def role_url(self, role: str) -> URL:
        """Return the owner's URL with ``SET ROLE`` to ``role`` at connect, for SQLAlchemy and libpq alike."""
        options = " ".join(filter(None, [str(self.url.query.get("options") or ""), f"-crole={role}"]))
        return self.url.update_query_dict({"options": options})

    def engine(self, role: str | None = None) -> Engine:
        """Return a synchronous engine, as the owner or as ``role``."""
        engine = create_engine(self.url, connect_args=self._connect_args(), poolclass=NullPool)
        _set_role(engine, role)
        return engine

    def async_engine(self, role: str | None = INGEST, **options: Any) -> AsyncEngine:
        """Return an asynchronous engine, as the crawl's role unless told otherwise; ``options`` go to SQLAlchemy."""
        options = {"pool_pre_ping": True, "pool_size": 4, "max_overflow": 4, "pool_timeout": 60} | options
        engine = create_async_engine(self.url, connect_args=self._connect_args(), **options)
        _set_role(engine.sync_engine, role)
        return engine

    def libpq_environment(self, role: str | None = None) -> dict[str, str]:
        """Return ``PG*`` variables for psql and dbt. With a role, sessions become it at connect."""
        url = self.role_url(role) if role else self.url
        parameters = url.translate_connect_args(username="user", database="dbname") | dict(url.query)
        return {LIBPQ_VARIABLES[name]: str(value) for name, value in parameters.items() if name in LIBPQ_VARIABLES}

    def _connect_args(self) -> dict[str, Any]:
        given = {"application_name": SESSION, "connect_timeout": CONNECT_SECONDS}
        return {
            name: value for name, value in given.items() if name == "application_name" or name not in self.url.query
        }


def find_server(config: Config) -> Server:
    """Return the configured server without touching it.

    :raises BadInputError: DATABASE_URL cannot be read
    """
    if config.database_url is None:
        embedded = EmbeddedServer(config.opera_home_path())
        return Server(embedded.url, embedded)
    text = config.database_url.get_secret_value()
    try:
        _check_escapes(text)
        return Server(make_url(text).set(drivername=DRIVER), None)
    except (ArgumentError, ValueError):  # SQLAlchemy's text repeats the URL, password and all
        raise BadInputError(
            "DATABASE_URL cannot be read. It takes postgresql://user:password@host:5432/database; "
            "characters such as @ : / ? in user or password must be percent-encoded: %40 %3A %2F %3F."
        ) from None


def open_server(config: Config, *, may_create: bool = False) -> Server:
    """Return the configured server, running, new enough and migrated: what every command but ``db`` needs.

    The embedded server is started and migrated here; a server of the user's is only looked at.

    :param may_create: make the tables in a database of the user's that has none, too
    :raises BadInputError: DATABASE_URL cannot be read
    :raises DatabaseError: it cannot be reached, is too old or not migrated; says what to do
    """
    server = start_server(config)
    with connect(server) as connection:
        at = migrations.current(connection)
        is_behind = at is None or at < migrations.head() or missing_roles(connection)
    if at is not None and at > migrations.head():
        raise DatabaseError(
            f"{server.place} is at revision {at}, newer than this code ({migrations.head()}). Update the checkout."
        )
    if is_behind and (server.embedded or (may_create and at is None)):
        migrate(server)
    elif is_behind:
        state = (
            "has no tables of this project"
            if at is None
            else f"is at revision {at} and this code needs {migrations.head()}"
        )
        raise DatabaseError(f"{server.place} {state}. Run scripts/db migrate.")
    return server


def connection_url(config: Config, role: str | None = None) -> str:
    """Return the URL for libpq (psycopg, psql), password and all; with a role, sessions become it."""
    server = find_server(config)
    return libpq_url(server.role_url(role) if role else server.url)


def libpq_url(url: URL) -> str:
    """Return a URL as libpq reads it, password and all: there a ``+``, SQLAlchemy's space in a query, is a plus."""
    address, mark, query = url.set(drivername="postgresql").render_as_string(hide_password=False).partition("?")
    return (address + mark + query.replace("+", "%20")).replace(" ", "%20")


def start_server(config: Config) -> Server:
    """Return the configured server, started when it is embedded."""
    server = find_server(config)
    if server.embedded is None:
        return server
    return Server(server.embedded.start(), server.embedded)


def migrate(server: Server) -> None:
    """Bring the database to the newest revision and make sure of its roles, all or nothing.

    :raises DatabaseError: it cannot be reached or its user may not
    """
    with connect(server) as connection:
        try:
            migrations.upgrade(connection)
            connection.commit()
        except DBAPIError as error:
            raise DatabaseError(
                f"{server.place} cannot be migrated: {_first_line(error)}. Nothing was changed. "
                "The user of DATABASE_URL must own the database and may need CREATEROLE."
            ) from None
    logger.info("Migrated %s to revision %s", server.place, migrations.head())


def connect(server: Server) -> Connection:
    """Return a connection as the owner, to a server that is new enough. Closing it rolls back.

    :raises DatabaseError: it cannot be reached, refuses us, or is too old
    """
    try:
        connection = server.engine().connect()
    except DBAPIError as error:
        raise unreachable(server, error) from None
    version = server_version(connection)
    if version[0] < OLDEST_MAJOR:
        connection.close()
        found = ".".join(map(str, version))
        raise DatabaseError(f"{server.place} is version {found}; this project needs {OLDEST_MAJOR} or newer.")
    return connection


def server_version(connection: Connection) -> tuple[int, ...]:
    """Return the server's version, such as (18, 6)."""
    return tuple(int(part) for part in connection.dialect.server_version_info or ())


def unreachable(server: Server, error: DBAPIError) -> DatabaseError:
    """Return what to tell the user about a connection that failed."""
    reason = _first_line(error)
    if server.embedded:
        advice = f"Its log is {server.embedded.log}; scripts/db stop and scripts/db start may help."
    elif "password" in reason or "authentication" in reason or "pg_hba" in reason:
        advice = "Check user and password in DATABASE_URL."
    elif "does not exist" in reason:
        advice = "Check the name in DATABASE_URL, or create it."
    elif "resolve" in reason or "translate host name" in reason:
        advice = "Check the host in DATABASE_URL."
    else:
        advice = "Check that it runs, and host and port in DATABASE_URL; or unset DATABASE_URL to use the embedded one."
    return DatabaseError(f"{server.place} cannot be used: {reason}. {advice}")


def is_lost(error: DBAPIError) -> bool:
    """Tell whether no statement can succeed any more: the server is gone, full or read-only."""
    state = getattr(error.orig, "sqlstate", None) or ""
    return error.connection_invalidated or state.startswith(LOST_STATES)


def _check_escapes(text: str) -> None:
    """Refuse a URL whose password seems to end too early: its rest would be taken for host or database, and shown.

    :raises ValueError: an ``@`` or ``:`` stands where none belongs
    """
    address = text.partition("://")[2]
    authority = re.split("[/?]", address, maxsplit=1)[0]
    rest = address.removeprefix(authority)
    if authority.count("@") > 1 or "@" in rest or ":" in rest.partition("?")[0]:
        raise ValueError("a character is not percent-encoded")


def _set_role(engine: Engine, role: str | None) -> None:
    if role is None:
        return

    @event.listens_for(engine, "connect")
    def set_role(dbapi_connection: Any, _record: Any) -> None:
        cursor = dbapi_connection.cursor()
        cursor.execute(f"SET ROLE {role}")
        cursor.close()
        dbapi_connection.commit()


def _first_line(error: DBAPIError) -> str:
    lines = str(error.orig).strip().splitlines()
    # With several addresses the first line only announces them.
    told = (
        [line for line in lines if "FATAL" in line or "failed" in line or "refused" in line]
        or lines
        or [type(error).__name__]
    )
    return told[0].strip().rstrip(".")
