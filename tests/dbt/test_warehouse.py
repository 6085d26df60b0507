"""What the warehouse says about pages whose facts are known: dbt on a real database."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import ProgrammingError

from opera_spiders.warehouse.server import Server
from tests.dbt.conftest import Ask

EXPECTED_MARTS = Path(__file__).parents[2] / "sample_houses" / "expected_marts"
AUDIT_COLUMNS = ("created_at", "updated_at", "last_confirmed_at")

# As JSON prints them, so that no digits inside a key are taken for them.
FABRICATED = ("Zyzzy", "4711.5", ":4711,", '"4711"', '"2031-', '"2031/', '"XTS"')

PRODUCTIONS_OF = """
    select {columns} from core.productions as p
    inner join core.companies as c on p.company_id = c.id
    inner join core.opera_works as w on p.opera_work_id = w.id
    left join core.seasons as s on p.season_id = s.id
    where c.domain = :domain order by {columns}
"""
EVENINGS_OF = """
    select {columns} from core.performances as e
    inner join core.productions as p on e.production_id = p.id
    inner join core.companies as c on p.company_id = c.id
    inner join core.opera_works as w on p.opera_work_id = w.id
    left join core.seasons as s on p.season_id = s.id
    where c.domain = :domain order by {columns}
"""
CASTS_OF = """
    select {columns} from core.cast_assignments as a
    inner join core.performers as f on a.performer_id = f.id
    inner join core.productions as p on a.production_id = p.id
    inner join core.companies as c on p.company_id = c.id
    left join core.performances as e on a.performance_id = e.id
    left join core.opera_roles as r on a.role_id = r.id
    where c.domain = :domain order by {columns}
"""


def october(day: int) -> date:
    return date(2026, 10, day)


def test_every_model_builds_and_every_test_passes_without_a_warning(built: tuple[Server, list[Any]]) -> None:
    odd = [
        (r.node.name, str(r.status), r.message) for r in built[1] if str(r.status) not in ("success", "pass", "no-op")
    ]
    assert odd == []


def test_the_sample_houses_give_the_expected_marts(ask: Ask) -> None:
    with (EXPECTED_MARTS / "mart_production_summary.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        expected = sorted(tuple(map(as_value, row.values())) for row in reader)
        columns = ", ".join(reader.fieldnames or ())
    houses = tuple({row[0] for row in expected})
    found = ask(
        f"select {columns} from marts.mart_production_summary where company_name = any(:houses)", houses=list(houses)
    )
    assert sorted(tuple(as_value(value) for value in row) for row in found) == expected


def as_value(value: Any) -> str:
    """Compare numbers by value: 12.50 is 12.5."""
    text = "" if value is None else str(value)
    return f"{float(text):g}" if text.replace(".", "", 1).isdigit() else text


def test_each_work_of_a_bill_counts_and_the_evening_counts_once(ask: Ask) -> None:
    assert ask(PRODUCTIONS_OF.format(columns="w.slug, p.total_performances"), domain="bill.example") == [
        ("cavalleria-rusticana-mascagni", 3)
    ]
    works = """
        select w.slug, b.ordinal from core.production_works as b
        inner join core.opera_works as w on b.opera_work_id = w.id
        inner join core.productions as p on b.production_id = p.id
        inner join core.companies as c on p.company_id = c.id
        where c.domain = 'bill.example' order by b.ordinal
    """
    assert ask(works) == [("cavalleria-rusticana-mascagni", 1), ("pagliacci-leoncavallo", 2)]
    roles = ask(CASTS_OF.format(columns="r.role_name, f.name"), domain="bill.example")
    assert roles == [("Canio", "Ben Rook"), ("Santuzza", "Ada Thorn"), ("Tonio", "Cy Vane")]


def test_casts_in_turn_are_kept_by_evening(ask: Ask) -> None:
    columns = "f.name, r.role_name, e.performance_date, a.kind"
    assert ask(CASTS_OF.format(columns=columns), domain="turns.example") == [
        ("Ida Grey", "Floria Tosca", date(2026, 11, 1), "alternate"),
        ("Ida Grey", "Floria Tosca", date(2026, 11, 5), "alternate"),
        ("Kay Dunn", "Spoletta", None, "alternate"),
        ("Leo Birch", "Il barone Scarpia", None, None),
        ("Una Marsh", "Floria Tosca", date(2026, 11, 3), "alternate"),
    ]
    careers = "select name, total_performances from marts.mart_performer_career where name = any(:names) order by name"
    assert ask(careers, names=["Ida Grey", "Una Marsh", "Leo Birch"]) == [
        ("Ida Grey", 2),
        ("Leo Birch", 3),
        ("Una Marsh", 1),
    ]


def test_a_concert_is_not_merged_with_the_staged_run(ask: Ask) -> None:
    found = ask(PRODUCTIONS_OF.format(columns="p.presentation, p.total_performances"), domain="concert.example")
    assert found == [("concert", 1), ("staged", 2)]


def test_dates_of_one_page_meet_the_credits_of_another(ask: Ask) -> None:
    columns = "w.slug, p.director, p.conductor, p.total_performances, s.season_name"
    assert ask(PRODUCTIONS_OF.format(columns=columns), domain="meet.example") == [
        ("la-boheme-puccini", "Max Ostler", "Eva Lind", 2, "2026/27")
    ]


def test_a_title_that_two_works_bear_stays_unresolved_without_a_composer(ask: Ask) -> None:
    found = ask(PRODUCTIONS_OF.format(columns="w.title, w.composer_id, p.resolution"), domain="nobody.example")
    assert found == [("La bohème", None, "provisional")]


def test_two_works_of_one_title_are_two_productions(ask: Ask) -> None:
    found = ask(PRODUCTIONS_OF.format(columns="w.composer, p.total_performances"), domain="macbeth.example")
    assert found == [("Ernest Bloch", 1), ("Giuseppe Verdi", 1)]


@pytest.mark.parametrize("schema", ["core", "marts"])
def test_nothing_that_is_absent_from_the_page_is_in_the_warehouse(ask: Ask, schema: str) -> None:
    tables = [
        name for (name,) in ask("select table_name from information_schema.tables where table_schema = :s", s=schema)
    ]
    assert len(tables) >= 4
    for table in tables:
        rows = ask(f'select row_to_json(t)::text from "{schema}"."{table}" as t')
        found = [row for (row,) in rows if any(word in row for word in FABRICATED)]
        assert found == [], table


def test_what_stands_beside_an_absent_value_is_kept(ask: Ask) -> None:
    assert ask(CASTS_OF.format(columns="f.name, r.role_name, e.performance_date"), domain="absent.example") == [
        # "Real Singer" is claimed for a role the page does not state: no evidence of a cast.
        ("Real Tenor", "Duca di Mantova", date(2026, 11, 9)),
    ]
    assert ask("select name, city, country_code from core.companies where domain = 'absent.example'") == [
        ("Absent Opera", None, "AT")
    ]


def test_elsewhere_is_believed_of_scalars_of_the_only_production(ask: Ask) -> None:
    found = ask(PRODUCTIONS_OF.format(columns="w.title_native, p.venue_name, p.has_cast"), domain="elsewhere.example")
    assert found == [("Elektra", None, False), ("Fidelio", "Old Hall", False), ("Salome", None, False)]


def test_what_validation_refused_and_what_has_no_evidence_is_held_back(ask: Ask) -> None:
    found = ask(EVENINGS_OF.format(columns="e.performance_date, e.venue_name, e.city"), domain="refused.example")
    assert found == [(october(10), None, None)]


def test_dates_and_times_that_are_none_are_null_and_stop_nothing(ask: Ask) -> None:
    found = ask(
        EVENINGS_OF.format(columns="e.performance_date, e.performance_time, p.premiere_date"), domain="dates.example"
    )
    assert found == [(date(2028, 2, 29), None, None), (date(2028, 3, 1), None, None)]


def test_an_unregistered_company_is_provisional_and_has_no_time_zone(ask: Ask) -> None:
    columns = "name, city, country, country_code, region, website_url, resolution"
    assert ask(f"select {columns} from core.companies where domain = 'unregistered.example:8080'") == [
        (
            "Städtische Oper Nirgendwo",
            "Nirgendwo",
            "Austria",
            "AT",
            "Europe",
            "https://unregistered.example:8080/",
            "provisional",
        )
    ]
    found = ask(EVENINGS_OF.format(columns="e.performance_datetime"), domain="unregistered.example:8080")
    assert found == [(None,)]


def test_every_domain_of_a_registered_company_is_that_company(ask: Ask) -> None:
    found = ask(EVENINGS_OF.format(columns="e.performance_datetime, w.slug"), domain="rbo.org.uk")
    assert found == [
        (datetime(2026, 12, 1, 19, tzinfo=UTC), "carmen-bizet"),
        (datetime(2026, 12, 3, 19, 30, tzinfo=UTC), "carmen-bizet"),
    ]


def test_a_cancelled_evening_is_announced_but_not_played(ask: Ask) -> None:
    summary = """
        select total_performances, actual_performances from marts.mart_production_summary
        where company_name = 'cancelled.example'
    """
    assert ask(summary) == [(3, 2)]
    found = ask(EVENINGS_OF.format(columns="e.performance_date, e.is_cancelled"), domain="cancelled.example")
    assert found == [(october(1), False), (october(3), True), (october(5), False)]


def test_a_from_price_is_the_lowest_price_only_where_nothing_exact_is_printed(ask: Ask) -> None:
    columns = "w.title_native, p.ticket_price_min, p.ticket_price_max, p.ticket_price_qualifier"
    assert ask(PRODUCTIONS_OF.format(columns=columns), domain="prices.example") == [
        ("Jenůfa", Decimal(20), Decimal("95.50"), "exact"),
        ("Rusalka", Decimal(15), None, "from"),
    ]


def test_a_page_for_each_night_makes_one_production(ask: Ask) -> None:
    assert ask(PRODUCTIONS_OF.format(columns="p.total_performances"), domain="nightly.example") == [(3,)]
    assert ask(CASTS_OF.format(columns="e.performance_date, f.name"), domain="nightly.example") == [
        (october(1), "Ann Poole"),
        (october(3), "Bea Sand"),
        (october(5), "Ann Poole"),
    ]


def test_an_evening_is_a_date_and_the_ordinal_of_its_start(ask: Ask) -> None:
    columns = "e.performance_date, e.ordinal, e.performance_time::text"
    assert ask(EVENINGS_OF.format(columns=columns), domain="times.example") == [
        (date(2026, 12, 20), 1, "11:00:00"),
        (date(2026, 12, 20), 2, "12:30:00"),
        (date(2026, 12, 21), 1, "19:00:00"),
        (date(2026, 12, 22), 1, None),
    ]


@pytest.mark.parametrize(
    ("domain", "seasons"),
    [
        ("seasons.example", [("2025/26", 1), ("2026/27", 1)]),
        ("festival.example", [("2026", 2)]),
        ("labels.example", [("2026/27", 1)]),
    ],
)
def test_a_season_is_printed_or_follows_from_the_dates(ask: Ask, domain: str, seasons: list[tuple[str, int]]) -> None:
    assert ask(PRODUCTIONS_OF.format(columns="s.season_name, p.total_performances"), domain=domain) == seasons


def test_the_current_season_is_current_by_the_newest_page(ask: Ask) -> None:
    found = ask("select distinct season_name from core.seasons where is_current order by season_name")
    assert found == [("2026",), ("2026/27",)]


def test_different_stagings_of_a_work_are_never_merged(ask: Ask) -> None:
    columns = "p.director, p.first_performance_date, p.total_performances"
    assert ask(PRODUCTIONS_OF.format(columns=columns), domain="stagings.example") == [
        ("New Broom", date(2027, 5, 1), 1),
        ("Old Hand", october(1), 1),
    ]


def test_a_name_is_one_person_in_any_print_and_order(ask: Ask) -> None:
    names = ask(CASTS_OF.format(columns="f.name, a.role_name_printed"), domain="names.example")
    assert names == [
        ("Ilona Kovács", "Melinda"),
        ("Ilona Kovács", None),
        ("Pál Nagy", "László"),
        ("Szép János", "Ottó"),
        ("Éva Kis", "László"),
    ]
    assert len(ask("select distinct id from core.performers where name = 'Ilona Kovács'")) == 1


def test_word_orders_at_houses_that_share_nothing_are_two_people(ask: Ask) -> None:
    assert ask("select name from core.performers where name in ('James Paul', 'Paul James') order by name") == [
        ("James Paul",),
        ("Paul James",),
    ]


def test_people_and_choirs_of_one_name_are_kept_apart(ask: Ask) -> None:
    names = """
        select f.name, f.performer_type, count(*) from core.performers as f
        where f.name in ('Kit Marlowe', 'Opernchor') group by 1, 2 order by 1, 2
    """
    assert ask(names) == [("Kit Marlowe", "conductor", 1), ("Kit Marlowe", "singer", 1), ("Opernchor", "ensemble", 2)]


PEOPLE_NAMED = "select distinct id, name from core.performers where name = any(:names) order by name"
CANDIDATES = """
    select left_key, right_key, outcome, decided_by from core.resolution_candidates
    where left_key like :name or right_key like :name order by 1, 2
"""


def test_a_decision_goes_before_any_score_and_an_uncertain_merge_is_none(ask: Ask) -> None:
    assert [name for _, name in ask(PEOPLE_NAMED, names=["Bea Winterling", "Beatrix Sommerfeld"])] == ["Bea Winterling"]
    assert ask(CANDIDATES, name="%winterling") == [("bea winterling", "beatrix sommerfeld", "merged", "decision")]
    assert len(ask(PEOPLE_NAMED, names=["Goran Mürbeck", "Goran Muerbeck"])) == 2
    assert ask(CANDIDATES, name="goran%") == [("goran muerbeck", "goran murbeck", "kept apart", "decision")]
    # "A." may be either, so it is neither.
    initials = ["A. Halvorsen-Quist", "Astrid Halvorsen-Quist", "Asger Halvorsen-Quist"]
    assert len(ask(PEOPLE_NAMED, names=initials)) == 3
    assert [row[2:] for row in ask(CANDIDATES, name="a halvorsen%")] == [("open", "score"), ("open", "score")]


def test_works_are_joined_and_parted_by_decisions(ask: Ask) -> None:
    columns = "c.domain, w.slug, w.resolution, w.composer"
    works = PRODUCTIONS_OF.replace(
        "c.domain = :domain", "c.domain like :domain and p.first_performance_date = '2026-10-02'"
    )
    assert ask(works.format(columns=columns), domain="decided%") == [
        ("decided.example", "der-nebelgarten", "provisional", "Ada Rook"),
        ("decided2.example", "der-nebelgarten", "provisional", "Ada Rook"),
        ("decided3.example", "der-nebelgarten", "provisional", None),
        ("decided4.example", "jenufa", "provisional", None),
    ]
    assert ("der nebelgarten ada rook", "der nebelgarten decided3 example", "open", "score") in ask(
        CANDIDATES, name="der nebelgarten%"
    )


def test_partners_are_companies(ask: Ask) -> None:
    partners = """
        select k.name, k.resolution, x.role from core.production_companies as x
        inner join core.companies as k on x.company_id = k.id
        inner join core.productions as p on x.production_id = p.id
        inner join core.companies as c on p.company_id = c.id
        where c.domain = 'partners.example' order by x.role, k.name
    """
    assert ask(partners) == [
        ("Nowhere Festival", "provisional", "co_producer"),
        ("Royal Opera House", "reference", "co_producer"),
        ("Partners Opera", "provisional", "producer"),
    ]


def test_amounts_have_their_unit_or_are_unknown(ask: Ask) -> None:
    columns = "fiscal_year, total_revenue, net_income, round(operating_margin, 3)"
    assert ask(f"select {columns} from core.financial_data order by fiscal_year") == [
        ("2023/24", None, None, None),
        ("2024/25", Decimal(1_200_500), Decimal(200_500), Decimal("0.167")),
    ]


def test_the_best_reader_speaks_for_a_version_and_an_error_hides_nothing(ask: Ask) -> None:
    found = ask(PRODUCTIONS_OF.format(columns="p.venue_name"), domain="readers.example")
    assert found == [("Hall of the model",)]


def test_the_latest_version_with_an_answer_speaks_and_the_first_is_remembered(ask: Ask) -> None:
    columns = "e.performance_date, e.status, e.first_seen_at::date"
    assert ask(EVENINGS_OF.format(columns=columns), domain="versions.example") == [
        (october(1), "moved", date(2026, 8, 21)),
        (october(3), "scheduled", date(2026, 8, 21)),
        (october(7), "scheduled", date(2026, 9, 20)),
    ]


def test_talks_are_no_evenings(ask: Ask) -> None:
    assert ask(PRODUCTIONS_OF.format(columns="p.id"), domain="talks.example") == []


def test_a_ballet_is_not_the_opera_of_its_title(ask: Ask) -> None:
    columns = "w.slug, w.resolution, p.genre, p.is_counted, p.total_performances"
    assert ask(PRODUCTIONS_OF.format(columns=columns), domain="ballet.example") == [
        ("eugen-onegin", "provisional", "ballet", False, 2)
    ]


def test_a_version_for_children_is_kept_apart_and_not_counted(ask: Ask) -> None:
    found = ask(PRODUCTIONS_OF.format(columns="w.slug, p.is_counted"), domain="children.example")
    assert found == [("die-zauberflote-mozart", False), ("die-zauberflote-mozart", True)]


def test_every_value_leads_to_its_page_and_words(ask: Ask) -> None:
    evidence = """
        select v.column_name, v.value, v.quote, v.page_url, v.status from marts.mart_evidence as v
        inner join core.productions as p on v.entity = 'productions' and v.entity_id = p.id
        inner join core.companies as c on p.company_id = c.id
        where c.domain = 'elsewhere.example' and v.column_name = 'venue_name'
    """
    assert ask(evidence) == [("venue_name", "Old Hall", "Old Hall", "https://elsewhere.example/one", "elsewhere")]


@pytest.mark.parametrize("schema", ["core", "marts"])
def test_any_arrival_order_gives_the_same_tables(ask: Ask, ask_shuffled: Ask, schema: str) -> None:
    tables = "select table_name from information_schema.tables where table_schema = :s order by table_name"
    for (table,) in ask(tables, s=schema):
        without_audit = f"(to_jsonb(t) - '{{{','.join(AUDIT_COLUMNS)}}}'::text[])::text"
        rows = f'select {without_audit} as row from "{schema}"."{table}" as t order by 1'
        assert ask(rows) == ask_shuffled(rows), table


def test_the_reader_reads_the_marts_and_nothing_else(ask: Ask) -> None:
    for table in ("mart_production_summary", "mart_performer_career", "mart_repertoire_trends", "mart_evidence"):
        assert ask(f"select count(*) from marts.{table}", role="opera_reader")[0][0] > 0
    for table in ("core.productions", "dbt_staging.stg_pages", "staging.stg_scraped_pages"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            ask(f"select count(*) from {table}", role="opera_reader")
