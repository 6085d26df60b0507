"""Let a row of ``staging.llm_answers`` say that somebody asks now, or that the content is too long for one answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

COMMENT = "One row per question a model has answered: the same content is never paid for twice."
ANSWER = "What the model answered, before grounding."


def upgrade() -> None:
    """Add the columns; no answer yet is null."""
    op.alter_column(
        "llm_answers",
        "answer",
        nullable=True,
        comment="What the model answered, before grounding; null while it is being asked.",
        existing_type=JSONB(none_as_null=True),
        existing_comment=ANSWER,
        schema="staging",
    )
    op.add_column(
        "llm_answers",
        sa.Column(
            "is_too_long",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Question or answer exceeds the model: each half of the content is a question of its own.",
        ),
        schema="staging",
    )
    op.add_column(
        "llm_answers",
        sa.Column(
            "session",
            sa.Text(),
            nullable=True,
            comment="Who asks now: application_name of its connections; gone = not asking.",
        ),
        schema="staging",
    )
    op.add_column(
        "llm_answers",
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True, comment="Nobody else asks before."),
        schema="staging",
    )
    op.create_table_comment(
        "llm_answers",
        "One row per question to a model: the same content is never paid for twice.",
        existing_comment=COMMENT,
        schema="staging",
    )


def downgrade() -> None:
    """Forget the questions without an answer, and the columns."""
    op.create_table_comment("llm_answers", COMMENT, schema="staging")
    op.execute("DELETE FROM staging.llm_answers WHERE answer IS NULL")
    for column in ("claimed_until", "session", "is_too_long"):
        op.drop_column("llm_answers", column, schema="staging")
    op.alter_column(
        "llm_answers",
        "answer",
        nullable=False,
        comment=ANSWER,
        existing_type=JSONB(none_as_null=True),
        schema="staging",
    )
