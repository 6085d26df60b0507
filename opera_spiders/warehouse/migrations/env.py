"""What Alembic runs around the revisions, whether called by ``scripts/db migrate`` or as ``alembic``."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, text

from opera_spiders.config import Config
from opera_spiders.warehouse.migrations import VERSION_TABLE, wait_for_others
from opera_spiders.warehouse.roles import ensure_roles
from opera_spiders.warehouse.server import find_server
from opera_spiders.warehouse.tables import SCHEMA, metadata


def run(connection: Connection) -> None:
    """Run the command on one connection."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        version_table=VERSION_TABLE,
        version_table_schema=SCHEMA,
        include_schemas=True,
        include_name=lambda name, kind, _parents: kind != "schema" or name == SCHEMA,
    )
    with context.begin_transaction():
        ensure_roles(connection)
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("The migrations ask the server which roles it has, so they do not run offline.")
given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    server = find_server(Config.from_environment())
    if server.embedded:
        server.embedded.start()
    with server.engine().begin() as connection:
        wait_for_others(connection)
        run(connection)
