"""Generated pages into the staging tables."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg

from benchmarks.scale.houses import Version
from opera_spiders.warehouse.server import Server, libpq_url

PAGE_COLUMNS = "id, url, company_domain, scraped_at, last_seen_at, page_type, checksum, body_checksum"
PAGE_REST = "html_content, status_code, response_headers, rendered, rights, scraper_version"
EXTRACTION_COLUMNS = "id, scraped_page_id, extracted_at, raw_response, evidence"
EXTRACTION_REST = "extraction_version, llm_model, is_validated, validation_errors"
BATCH = 2000


def load(server: Server, versions: Iterable[Version]) -> int:
    """Write the versions with their extractions; return how many there were."""
    count = 0
    with psycopg.connect(libpq_url(server.url)) as connection:
        connection.execute("create temp table p (like staging.stg_scraped_pages including defaults)")
        connection.execute("create temp table e (like staging.stg_llm_extractions including defaults)")
        for column in PAGE_REST.split(", "):
            connection.execute(f"alter table p alter {column} drop not null")
        for column in EXTRACTION_REST.split(", "):
            connection.execute(f"alter table e alter {column} drop not null")
        batch: list[Version] = []
        for version in versions:
            batch.append(version)
            count += 1
            if len(batch) == BATCH:
                _write(connection, batch)
                batch = []
        _write(connection, batch)
    with psycopg.connect(libpq_url(server.url), autocommit=True) as connection:
        connection.execute("analyze staging.stg_scraped_pages, staging.stg_llm_extractions")
    return count


def _write(connection: psycopg.Connection, batch: list[Version]) -> None:
    pairs = [version.rows() for version in batch]
    with connection.cursor() as cursor:
        with cursor.copy(f"copy p ({PAGE_COLUMNS}) from stdin") as copy:
            for page, _ in pairs:
                copy.write_row(page)
        with cursor.copy(f"copy e ({EXTRACTION_COLUMNS}) from stdin") as copy:
            for _, extraction in pairs:
                copy.write_row(extraction)
        cursor.execute(
            f"insert into staging.stg_scraped_pages ({PAGE_COLUMNS}, {PAGE_REST}) "
            f"select {PAGE_COLUMNS}, '<p>Sample data</p>', 200, '{{}}', false, '{{}}', 'benchmark' from p"
        )
        cursor.execute(
            f"insert into staging.stg_llm_extractions ({EXTRACTION_COLUMNS}, {EXTRACTION_REST}) "
            f"select {EXTRACTION_COLUMNS}, 'v1', 'rules', true, '[]' from e"
        )
        cursor.execute("truncate p, e")
    connection.commit()
