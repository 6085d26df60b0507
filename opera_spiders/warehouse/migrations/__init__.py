"""The history of schema ``staging`` and of the rights of the three roles, as Alembic revisions.

One idea per file, numbered and named; the number is the revision. Works from a checkout and from a zipped egg.
"""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from sqlalchemy import Connection, text

VERSION_TABLE = "alembic_version"
LOCK = 7_065_726_197  # any number that is ours alone


def head() -> str:
    """Return the newest revision."""
    versions = resources.files(__name__) / "versions"
    return max(file.name.partition("_")[0] for file in versions.iterdir() if re.match(r"\d{4}_\w+\.py$", file.name))


def current(connection: Connection) -> str | None:
    """Return the revision the database is at; None for a database without our tables."""
    if connection.scalar(text(f"SELECT to_regclass('staging.{VERSION_TABLE}')")) is None:
        return None
    revision: str | None = connection.scalar(text(f"SELECT version_num FROM staging.{VERSION_TABLE}"))  # noqa: S608
    return revision


def upgrade(connection: Connection) -> None:
    """Bring the database to the newest revision, in the caller's transaction.

    Whoever upgrades the same database meanwhile waits for that transaction and then finds nothing to do.
    """
    # Alembic costs 0.3 s to import, and most commands find nothing to upgrade.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    logging.getLogger("alembic").setLevel(logging.WARNING)  # one line of our own says what happened
    wait_for_others(connection)
    with _on_disk() as directory:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(directory).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        command.upgrade(config, "head")


def wait_for_others(connection: Connection) -> None:
    """Wait until nobody else migrates this database, and keep others waiting until the transaction ends."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})


@contextmanager
def _on_disk() -> Iterator[Path]:
    """Yield this package as a directory, unpacked for a while when it lies in a zipped egg."""
    package = resources.files(__name__)
    if isinstance(package, Path):
        yield package
        return
    with tempfile.TemporaryDirectory() as directory:
        _unpack(package, Path(directory))
        yield Path(directory)


def _unpack(source: Traversable, target: Path) -> None:
    for entry in source.iterdir():
        if entry.is_dir():
            (target / entry.name).mkdir()
            _unpack(entry, target / entry.name)
        elif not entry.name.endswith(".pyc"):
            (target / entry.name).write_bytes(entry.read_bytes())
