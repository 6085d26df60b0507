"""Passwords for the roles, so that Tableau and other programs can log in as one of them over TCP."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL

from opera_spiders.errors import DatabaseError
from opera_spiders.warehouse.server import Server, connect


def login_url(server: Server, role: str, home: Path, renew: bool = False) -> URL:
    """Let ``role`` log in with a password and return its URL.

    The password is kept in ``passwords.json`` of ``home``, so asking again gives the same URL and breaks no connection.

    :param renew: make a new password; the old one is refused from then on
    :raises DatabaseError: the database's owner may not change the role
    """
    record = home / "passwords.json"
    passwords = json.loads(record.read_text()) if record.is_file() else {}
    address = _tcp_address(server)
    key = f"{role}@{address.host}:{address.port or 5432}" if server.embedded is None else role
    password = secrets.token_urlsafe(24) if renew or key not in passwords else passwords[key]
    with connect(server) as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        # Encrypted here, so that it stands in no log of the server.
        secret = driver.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
        statement = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), sql.Literal(secret))
        try:
            driver.execute(statement)
        except psycopg.Error as error:
            raise DatabaseError(
                f"The password of {role} cannot be set: {str(error).splitlines()[0]}. "
                f"As a superuser, run: ALTER ROLE {role} LOGIN PASSWORD '…', and use that."
            ) from None
        driver.commit()
    _write_closed(record, json.dumps(passwords | {key: password}, indent=2) + "\n")
    return address.set(username=role, password=password)


def _tcp_address(server: Server) -> URL:
    if server.embedded:
        port = server.embedded.port
        return URL.create("postgresql", host="127.0.0.1", port=port, database=server.url.database)
    return server.url.set(drivername="postgresql").difference_update_query(["options"])


def _write_closed(path: Path, content: str) -> None:
    """Replace a file by one that nobody else reads, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
    unfinished.replace(path)
