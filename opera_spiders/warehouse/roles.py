"""The three roles of the warehouse and their rights on the database itself.

Roles belong to the whole server and rights on a database are not in its dumps, so every migration makes sure of them
instead of a revision that runs once. Rights on schemas and tables are in the revisions.
"""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from opera_spiders.errors import DatabaseError

INGEST = "opera_ingest"  # what the crawl needs on staging
DBT = "opera_dbt"  # reads staging, owns dbt_staging, core and marts
READER = "opera_reader"  # reads marts
ROLES = {
    INGEST: "Opera: the crawl writes schema staging as this role.",
    DBT: "Opera: dbt reads schema staging and owns dbt_staging, core and marts as this role.",
    READER: "Opera: reads schema marts and nothing else.",
}
# Defaults only: a session may change them, so a server that takes SQL from strangers enforces its own.
READER_DEFAULTS = {
    "default_transaction_read_only": "on",
    "statement_timeout": "5min",
    "idle_in_transaction_session_timeout": "5min",
    "search_path": "marts",
}


def missing_roles(connection: Connection) -> list[str]:
    """Return the roles that the server lacks."""
    present = connection.scalars(
        text("SELECT rolname FROM pg_roles WHERE rolname = ANY(:names)"), {"names": list(ROLES)}
    )
    return sorted(ROLES.keys() - set(present))


def ensure_roles(connection: Connection) -> None:
    """Create the roles that are absent, let the current user become each, and set their rights on the database.

    :raises DatabaseError: the current user may not; says what a superuser must do
    """
    for role, comment in ROLES.items():
        if role in missing_roles(connection):
            _create_role(connection, role, comment)
        if not _may_become(connection, role):
            _grant_membership(connection, role)
    _set_reader_defaults(connection)
    grant_database_rights(connection)


def grant_database_rights(connection: Connection) -> None:
    """Set who may connect and who may make temporary tables. ``CREATE DATABASE … TEMPLATE`` does not copy these."""
    database = connection.dialect.identifier_preparer.quote_identifier(
        connection.scalar(text("SELECT current_database()"))
    )
    for statement in (
        f"REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {database} TO {INGEST}, {DBT}, {READER}",
        f"GRANT TEMPORARY ON DATABASE {database} TO {DBT}",  # incremental models
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    ):
        connection.execute(text(statement))


def _create_role(connection: Connection, role: str, comment: str) -> None:
    # Another database's migration may create it at this moment: migrations serialise per database only.
    creation = f"CREATE ROLE {role}; COMMENT ON ROLE {role} IS '{comment}'"
    block = f"DO $$ BEGIN {creation}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    try:
        connection.execute(text(block))
    except ProgrammingError as error:
        raise _not_allowed(
            connection, error, f"create the role {role}", f"ALTER ROLE {_user(connection)} CREATEROLE"
        ) from None


def _may_become(connection: Connection, role: str) -> bool:
    """Tell whether the current user can SET ROLE to it and has its rights. Since 16 both are granted apart."""
    wanted = "SET, USAGE" if _major(connection) >= 16 else "MEMBER"
    # A list of privileges asks for any of them, so each is asked alone.
    return all(
        connection.scalar(
            text("SELECT pg_has_role(current_user, :role, :privilege)"), {"role": role, "privilege": privilege}
        )
        for privilege in wanted.split(", ")
    )


def _grant_membership(connection: Connection, role: str) -> None:
    options = " WITH INHERIT TRUE, SET TRUE" if _major(connection) >= 16 else ""
    user = _user(connection)
    try:
        connection.execute(text(f"GRANT {role} TO {user}{options}"))
    except ProgrammingError as error:
        raise _not_allowed(connection, error, f"become the role {role}", f"GRANT {role} TO {user}{options}") from None


def _set_reader_defaults(connection: Connection) -> None:
    current = connection.scalar(text("SELECT rolconfig FROM pg_roles WHERE rolname = :role"), {"role": READER}) or []
    for name, value in READER_DEFAULTS.items():
        if f"{name}={value}" not in current:
            statement = f"ALTER ROLE {READER} SET {name} = '{value}'"
            try:
                connection.execute(text(statement))
            except ProgrammingError as error:
                raise _not_allowed(connection, error, f"set the defaults of {READER}", statement) from None


def _major(connection: Connection) -> int:
    version = connection.dialect.server_version_info
    assert version is not None
    return int(version[0])


def _user(connection: Connection) -> str:
    """Return the current user as an SQL identifier; asked of the driver, for a failed transaction answers nothing."""
    driver = connection.connection.driver_connection
    assert driver is not None
    return connection.dialect.identifier_preparer.quote_identifier(driver.info.user)


def _not_allowed(connection: Connection, error: ProgrammingError, what: str, remedy: str) -> DatabaseError:
    reason = str(error.orig).splitlines()[0]
    return DatabaseError(
        f"The database user {_user(connection)} may not {what} ({reason}). "
        f"As a superuser, run: {remedy}; then scripts/db migrate again."
    )
