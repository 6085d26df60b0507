"""The store of decisions: which names are one person's or one work's, as somebody judged. Every build obeys it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from sqlalchemy import Connection, and_, column, delete, func, select, table
from sqlalchemy.dialects.postgresql import insert

from opera_spiders.warehouse.tables import resolution_decisions

decisions = resolution_decisions.c

Entity = Literal["performers", "opera_works"]
Verdict = Literal["same", "different"]


@dataclass(frozen=True, slots=True)
class Decision:
    """Two names of an entity and what was decided. The order of the names is the store's own."""

    entity: Entity
    left_key: str
    right_key: str
    decision: Verdict
    reason: str | None
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two names that may be one, as the last build saw them."""

    entity: Entity
    left_key: str
    right_key: str
    reason: str
    score: Decimal


def decide(
    connection: Connection, entity: Entity, names: tuple[str, str], decision: Verdict, reason: str | None
) -> None:
    """Store a decision; a later one about the same names replaces it."""
    left, right = sorted(names)  # by code point, as collation C has it
    values = {"decision": decision, "reason": reason, "decided_at": func.now()}
    connection.execute(
        insert(resolution_decisions)
        .values(entity=entity, left_key=left, right_key=right, **values)
        .on_conflict_do_update(constraint=resolution_decisions.primary_key, set_=values)
    )


def forget(connection: Connection, entity: Entity, names: tuple[str, str]) -> bool:
    """Delete a decision; return whether there was one."""
    left, right = sorted(names)
    deleted = connection.execute(
        delete(resolution_decisions).where(
            and_(decisions.entity == entity, decisions.left_key == left, decisions.right_key == right)
        )
    )
    return deleted.rowcount > 0


def stored_decisions(connection: Connection) -> list[Decision]:
    """Return all decisions, in order of their names."""
    rows = connection.execute(
        select(resolution_decisions).order_by(decisions.entity, decisions.left_key, decisions.right_key)
    )
    return [Decision(**row) for row in rows.mappings()]


def open_candidates(connection: Connection, entity: Entity | None, limit: int) -> Sequence[Candidate]:
    """Return what no build may decide by itself, the likeliest first. The warehouse must be built."""
    names = ("entity", "left_key", "right_key", "reason", "score", "outcome")
    candidates = table("resolution_candidates", *map(column, names), schema="core")
    found = candidates.c
    query = (
        select(found.entity, found.left_key, found.right_key, found.reason, found.score)
        .where(found.outcome == "open")
        .order_by(found.score.desc(), found.entity, found.left_key, found.right_key)
        .limit(limit)
    )
    if entity is not None:
        query = query.where(found.entity == entity)
    return [Candidate(**row) for row in connection.execute(query).mappings()]
