"""Create the schemas that dbt owns, and what reads them by default."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create dbt_staging, core and marts; dbt reads staging, readers read marts, now and later."""
    # A schema of that name which is not ours fails here: the warehouse needs a database of its own.
    op.execute("CREATE SCHEMA dbt_staging AUTHORIZATION opera_dbt")
    op.execute("CREATE SCHEMA core AUTHORIZATION opera_dbt")
    op.execute("CREATE SCHEMA marts AUTHORIZATION opera_dbt")
    op.execute("COMMENT ON SCHEMA staging IS 'Pages as fetched and what was read from them; the crawl writes it.'")
    op.execute("COMMENT ON SCHEMA dbt_staging IS 'Views over staging, typed and unnested; dbt writes it.'")
    op.execute("COMMENT ON SCHEMA core IS 'Companies, works, productions, performances, people; dbt writes it.'")
    op.execute("COMMENT ON SCHEMA marts IS 'What Tableau and other readers query; dbt writes it.'")
    op.execute("GRANT USAGE ON SCHEMA staging TO opera_ingest, opera_dbt")
    op.execute("ALTER DEFAULT PRIVILEGES IN SCHEMA staging GRANT SELECT ON TABLES TO opera_dbt")
    op.execute("GRANT USAGE ON SCHEMA marts TO opera_reader")
    op.execute("ALTER DEFAULT PRIVILEGES FOR ROLE opera_dbt IN SCHEMA marts GRANT SELECT ON TABLES TO opera_reader")


def downgrade() -> None:
    """Drop the schemas with all that dbt built; the roles stay, for other databases may use them."""
    op.execute("DROP SCHEMA marts, core, dbt_staging CASCADE")
    op.execute("ALTER DEFAULT PRIVILEGES IN SCHEMA staging REVOKE SELECT ON TABLES FROM opera_dbt")
    op.execute("REVOKE USAGE ON SCHEMA staging FROM opera_ingest, opera_dbt")
