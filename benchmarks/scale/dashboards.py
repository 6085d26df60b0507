"""The queries of the dashboards, as Tableau sends them: filters and aggregates on each mart, as ``opera_reader``."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

from sqlalchemy import text

from opera_spiders.warehouse.server import Server

REPEATS = 20
# Values for the filters come from the mart itself, so that every query finds something.
VALUES = {
    "company": "select company_name from marts.mart_season_calendar group by 1 order by count(*) desc, 1 limit 1",
    "composer": "select composer from marts.mart_season_calendar group by 1 order by count(*) desc, 1 limit 1",
    "work": "select opera_work_id from marts.mart_season_calendar group by 1 order by count(*) desc, 1 limit 1",
    "season": "select season_name from marts.mart_company_season group by 1 order by count(*) desc, 1 limit 1",
    "performer": "select performer_id from marts.mart_performer_career order by total_performances desc, 1 limit 1",
    "day": "select percentile_disc(0.9) within group (order by performance_date) from marts.mart_season_calendar",
    "production": "select production_id from marts.mart_cast_history group by 1 order by count(*) desc, 1 limit 1",
}
QUERIES = {
    "season calendar: a week": """
        select performance_date, company_name, city, opera_title, conductor from marts.mart_season_calendar
        where performance_date between :day and :day + 7 and is_on order by performance_date, company_name limit 500""",
    "season calendar: a house's month": """
        select * from marts.mart_season_calendar
        where company_name = :company and performance_date between :day - 30 and :day order by performance_date""",
    "season calendar: where is a work on": """
        select company_name, city, min(performance_date), max(performance_date), count(*)
        from marts.mart_season_calendar where opera_work_id = :work and performance_date >= :day group by 1, 2""",
    "season calendar: evenings by season": """
        select season_name, count(*) from marts.mart_season_calendar where composer = :composer group by 1 order by 1""",
    "productions: filter list of composers": """
        select distinct composer from marts.mart_production_summary order by 1""",
    "productions: a house's season": """
        select * from marts.mart_production_summary
        where company_name = :company and season_name = :season order by premiere_date""",
    "productions: of a work": """
        select company_name, season_name, premiere_date, conductor, director, actual_performances
        from marts.mart_production_summary where opera_work_id = :work order by premiere_date desc limit 200""",
    "productions: prices by season": """
        select season_name, count(*), avg(ticket_price_max), sum(actual_performances)
        from marts.mart_production_summary where composer = :composer group by 1 order by 1""",
    "careers: the busiest": """
        select * from marts.mart_performer_career order by total_performances desc limit 50""",
    "careers: one": "select * from marts.mart_performer_career where performer_id = :performer",
    "repertoire: a season's top works": """
        select title, composer, sum(performances_count) from marts.mart_repertoire_trends
        where season_year = extract(year from cast(:day as date))::integer - 1
        group by 1, 2 order by 3 desc limit 20""",
    "repertoire: a work's years": """
        select season_year, productions_count, performances_count from marts.mart_repertoire_trends
        where opera_work_id = :work order by 1""",
    "company seasons: compare": """
        select * from marts.mart_company_season where season_name = :season order by company_name limit 1000""",
    "ticket pricing: by house": """
        select category, min(price_min), max(price_max), avg(price_mid)
        from marts.mart_ticket_pricing where company_name = :company group by 1""",
    "ticket pricing: by season": """
        select season_name, currency_code, avg(price_mid) from marts.mart_ticket_pricing
        where composer = :composer group by 1, 2 order by 1""",
    "cast network: who sang with": """
        select * from marts.mart_cast_network where performer_id = :performer
        order by performances_count desc limit 50""",
    "cast history: of a production": "select * from marts.mart_cast_history where production_id = :production",
    "changes: newest": "select * from marts.mart_changes order by seen_at desc limit 100",
    "changes: of a house": """
        select kind, count(*) from marts.mart_changes where company_name = :company group by 1""",
    "data quality": "select * from marts.mart_data_quality order by company_name",
    "geography": "select * from marts.mart_geography",
    "evidence: of a production": """
        select * from marts.mart_evidence where entity = 'productions' and entity_id = :production""",
    "performance history: known on a day": """
        select count(*) from marts.mart_performance_history
        where production_id = :production and known_from <= :day and known_until > :day""",
}


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one query over its repeats."""

    name: str
    median_ms: float
    worst_ms: float
    rows: int
    samples: list[float]


def timings(server: Server) -> list[Timing]:
    """Run every query several times, each on a warm cache but for its first run; slowest first."""
    found = []
    with server.engine("opera_reader").connect() as connection:
        values = {name: connection.scalar(text(query)) for name, query in VALUES.items()}
        for name, query in QUERIES.items():
            samples, count = [], 0
            for _ in range(REPEATS):
                started = time.perf_counter()
                count = len(connection.execute(text(query), values).all())
                samples.append((time.perf_counter() - started) * 1000)
            found.append(Timing(name, statistics.median(samples), max(samples), count, samples))
    return sorted(found, key=lambda timing: -timing.worst_ms)
