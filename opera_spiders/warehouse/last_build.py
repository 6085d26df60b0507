"""What the last build of the warehouse was made from: while that stands, another build would change nothing."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import Connection, Select, Table, delete, func, insert, literal_column, select, text, update

from opera_spiders.warehouse.tables import (
    crawl_runs,
    last_build,
    resolution_decisions,
    stg_llm_extractions,
    stg_scraped_pages,
)

# The sources of the dbt project (a test compares).
SOURCES = (stg_scraped_pages, stg_llm_extractions, crawl_runs, resolution_decisions)
SCHEMAS = ("dbt_staging", "core", "marts")


def inputs_digest(connection: Connection, code: str) -> str:
    """Return a digest of the sources as they stand, and of ``code``, the digest of what is made of them."""
    digest = hashlib.sha256(code.encode())
    for source in SOURCES:
        count, total = connection.execute(_rows_digest(source)).one()
        digest.update(f"{source.name} {count} {total}\n".encode())
    return digest.hexdigest()


def is_current(connection: Connection, inputs: str) -> bool:
    """Tell whether the last build ended, had read the same, and all that it made is still there."""
    kept = select(last_build.c.relations).where(last_build.c.inputs == inputs)
    return connection.scalar(kept) == _relations_digest(connection)


def is_made_by(connection: Connection, code: str) -> bool:
    """Tell whether all tables are made by this code: what they hold of unchanged inputs can stay."""
    return connection.scalar(select(last_build.c.code)) == code


def forget(connection: Connection, code: str) -> None:
    """Before a build, which may be killed or make only a part: forget what the last one read, and other code's."""
    connection.execute(delete(last_build).where(last_build.c.code != code))
    connection.execute(update(last_build).values(inputs="", relations=""))


def remember(connection: Connection, inputs: str, code: str) -> None:
    """Note that a whole build succeeded. ``inputs``: as they stood before it; what came since is the next one's."""
    connection.execute(delete(last_build))
    relations = _relations_digest(connection)
    connection.execute(insert(last_build).values(inputs=inputs, relations=relations, code=code))


def _rows_digest(source: Table) -> Select[Any, Any]:
    """Rows by their key and the transaction that wrote them: PostgreSQL gives a changed row another.

    So nothing large is read, and the order of arrival says nothing.
    """
    written = func.concat_ws(" ", *source.primary_key.columns, literal_column("xmin"))
    return select(func.count(), func.sum(func.hashtextextended(written, 0))).select_from(source)


def _relations_digest(connection: Connection) -> str:
    """Digest of the relations of the warehouse: one that was dropped or made anew is another."""
    statement = text(
        "SELECT coalesce(md5(string_agg(c.oid || ' ' || c.relname, ',' ORDER BY c.oid)), 'empty') "
        "FROM pg_class AS c INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid "
        "WHERE n.nspname = ANY(:schemas) AND c.relkind IN ('r', 'v', 'm')"
    )
    return str(connection.scalar(statement, {"schemas": list(SCHEMAS)}))
