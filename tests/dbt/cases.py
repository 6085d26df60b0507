"""Invented houses, one per case. Works and composers are real, everybody else is not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.dbt.pages import SCRAPED_AT, Page


def production(opera_title: str | None, composer: str | None = None, **fields: Any) -> dict[str, Any]:
    """Return a production of genre opera; a list of dates stands for its performances."""
    given = {"opera_title": opera_title, "composer": composer, "genre": "opera"} | fields
    return {name: value for name, value in given.items() if value is not None}


def evenings(*moments: str, **fields: Any) -> list[dict[str, Any]]:
    """Return performances at ``YYYY-MM-DD`` or ``YYYY-MM-DD HH:MM``."""
    return [nights(moment)[0] | {"year_inferred": False} | fields for moment in moments]


def nights(*moments: str) -> list[dict[str, str]]:
    """Return dates, with a time where one is given."""
    return [dict(zip(("date", "time"), moment.split(" "), strict=False)) for moment in moments]


def part(performer: str, role: str | None, *moments: str, **fields: Any) -> dict[str, Any]:
    """Return a cast member, of the whole run unless nights are given."""
    return {"performer": performer, "role": role, "nights": nights(*moments)} | fields


def credit(function: str, name: str, *moments: str) -> dict[str, Any]:
    """Return an entry of the creative team."""
    return {"function": function, "name": name, "nights": nights(*moments)}


def page(url: str, *productions: dict[str, Any], page_type: str = "production", **options: Any) -> Page:
    """Return a page in English unless ``language`` is given."""
    answer = {"page_type": page_type, "language": options.pop("language", "en"), "productions": list(productions)}
    for name in ("company", "financials"):
        if name in options:
            answer[name] = options.pop(name)
    return Page(f"https://{url}", answer, **options)


P = "/productions/0"

CASES: list[Page] = [
    # A bill printed as one title; the calendar says no composers.
    page(
        "bill.example/cav-pag",
        production(
            "Cavalleria rusticana / Pagliacci",
            "Pietro Mascagni / Ruggero Leoncavallo",
            cast_members=[part("Ada Thorn", "Santuzza"), part("Ben Rook", "Canio"), part("Cy Vane", "Tonio")],
            performances=evenings("2026-10-01 19:00", "2026-10-03 19:00"),
        ),
    ),
    page("bill.example/calendar", production("Cavalleria rusticana/Pagliacci", performances=evenings("2026-10-05")), page_type="calendar"),
    # Two casts in turn.
    page(
        "turns.example/tosca",
        production(
            "Tosca",
            "Puccini",
            cast_members=[
                part("Ida Grey", "Tosca", "2026-11-01 19:30", "2026-11-05 19:30", kind="alternate"),
                part("Una Marsh", "Floria Tosca", "2026-11-03", kind="alternate"),
                part("Leo Birch", "Scarpia"),
                part("Kay Dunn", "Spoletta", "2026-13-45", kind="main"),
            ],
            performances=evenings("2026-11-01 19:30", "2026-11-03 19:30", "2026-11-05 19:30"),
        ),
    ),
    # A staged run and one concert of the same work; the calendar does not tell them apart.
    page(
        "concert.example/norma",
        production("Norma", "Vincenzo Bellini", presentation="staged", performances=evenings("2026-10-01", "2026-10-04")),
    ),
    page(
        "concert.example/norma-in-concert",
        production("Norma", "Vincenzo Bellini", presentation="concert", performances=evenings("2027-05-05")),
    ),
    page(
        "concert.example/calendar",
        production("Norma", performances=evenings("2026-10-01", "2026-10-04")),
        production("Norma", performances=evenings("2027-05-05")),
        page_type="calendar",
    ),
    # Credits on one page, dates on another; the bare title belongs to two works.
    page(
        "meet.example/la-boheme",
        production(
            "La bohème",
            "Giacomo Puccini",
            creative_team=[credit("director", "Max Ostler"), credit("conductor", "Eva Lind")],
            cast_members=[part("Nell Hart", "Mimì")],
        ),
    ),
    page(
        "meet.example/calendar",
        production("La Bohème", performances=evenings("2026-12-01 19:00", "2026-12-03 19:00")),
        page_type="calendar",
    ),
    # The same title with nobody to say by whom.
    page("nobody.example/x", production("La bohème", genre=None, performances=evenings("2026-12-01"))),
    # What the page does not contain.
    page(
        "absent.example/rigoletto",
        production(
            "Rigoletto",
            "Giuseppe Verdi",
            venue="Zyzzy Hall",
            season="2031/32",
            librettist="Zyzzy Poet",
            production_title="Zyzzy Title",
            duration_minutes=4711,
            co_producers=["Zyzzy Opera"],
            creative_team=[credit("conductor", "Zyzzy Maestro"), credit("director", "Real Director")],
            cast_members=[
                part("Zyzzy Singer", "Gilda"),
                part("Real Singer", "Zyzzy Role"),
                part("Real Tenor", "Duca di Mantova", "2026-11-09", "2031-01-01"),
            ],
            performances=evenings("2026-11-09 19:00", "2031-01-02 19:00"),
            ticket_prices=[
                {"category": "Zyzzy stalls", "min": 4711.5, "max": 4711.5, "currency": "XTS", "qualifier": "exact"}
            ],
        ),
        company={"name": "Absent Opera", "city": "Zyzzy City", "country": "Austria"},
        statuses=dict.fromkeys(
            [
                "/company/city",
                f"{P}/venue",
                f"{P}/season",
                f"{P}/librettist",
                f"{P}/production_title",
                f"{P}/duration_minutes",
                f"{P}/co_producers/0",
                f"{P}/creative_team/0/name",
                f"{P}/cast_members/0/performer",
                f"{P}/cast_members/1/role",
                f"{P}/cast_members/2/nights/1/date",
                f"{P}/performances/1/date",
                *(f"{P}/ticket_prices/0/{name}" for name in ("category", "min", "max", "currency")),
            ],
            "absent",
        ),
    ),
    # Found elsewhere on the page: believed of the only production of a page, and of its scalars only.
    page(
        "elsewhere.example/one",
        production(
            "Fidelio",
            "Ludwig van Beethoven",
            venue="Old Hall",
            cast_members=[part("Odd Singer", "Leonore")],
            performances=evenings("2026-10-10"),
        ),
        statuses={f"{P}/venue": "elsewhere", f"{P}/cast_members/0/performer": "elsewhere"},
    ),
    page(
        "elsewhere.example/two",
        production("Elektra", "Richard Strauss", venue="New Hall", performances=evenings("2026-10-11")),
        production("Salome", "Richard Strauss", performances=evenings("2026-10-12")),
        statuses={f"{P}/venue": "elsewhere"},
        page_type="season",
    ),
    # What validation refused, and a leaf without any evidence.
    page(
        "refused.example/aida",
        production("Aida", "Verdi", venue="Refused Hall", city="Bare City", performances=evenings("2026-10-10", "2026-10-11")),
        held_back=[f"{P}/venue", f"{P}/performances/1"],
        statuses={f"{P}/city": None},
    ),
    # Dates and times that are none.
    page(
        "dates.example/otello",
        production(
            "Otello",
            "Giuseppe Verdi",
            premiere_date="2026-02-30",
            closing_date="2026-02-31",
            performances=evenings("2026-02-30", "31.12.2026", "2099-12-31", "2027-02-29", "2028-02-29 25:00", "2028-03-01 00:00"),
        ),
    ),
    # One title, two works, one house.
    page("macbeth.example/verdi", production("Macbeth", "Giuseppe Verdi", performances=evenings("2026-10-01"))),
    page("macbeth.example/bloch", production("Macbeth", "Ernest Bloch", performances=evenings("2026-10-02"))),
    # A house nobody registered; and one that has two domains.
    page(
        "unregistered.example:8080/x",
        production("Carmen", "Georges Bizet", performances=evenings("2026-10-01 19:00")),
        company={"name": "Städtische Oper Nirgendwo", "city": "Nirgendwo", "country": "Österreich"},
    ),
    page("roh.org.uk/carmen", production("Carmen", "Bizet", performances=evenings("2026-12-01 19:00"))),
    page("www.rbo.org.uk/carmen", production("Carmen", performances=evenings("2026-12-03 19:30"))),
    # Cancelled on the page, still scheduled in the feed.
    page(
        "cancelled.example/lulu",
        production("Lulu", "Alban Berg", performances=evenings("2026-10-01", "2026-10-03", "2026-10-05")),
    ),
    page(
        "cancelled.example/lulu/3",
        production("Lulu", performances=evenings("2026-10-03", status="cancelled")),
        production("Lulu", performances=evenings("2026-10-03", status="scheduled")),
        page_type="calendar",
    ),
    # Prices: a range, a "from" beside it; and one house that prints nothing but "from".
    page(
        "prices.example/a",
        production(
            "Jenůfa",
            "Janáček",
            performances=evenings("2026-10-01"),
            ticket_prices=[
                {"category": "A", "min": 80, "max": 95.5, "currency": "EUR", "qualifier": "exact", "kind": "paid"},
                {"category": "B", "min": 30, "max": 20, "currency": "EUR", "qualifier": "exact", "kind": "paid"},
                {"min": 9, "currency": "EUR", "qualifier": "from", "kind": "paid"},
                {"category": "Club", "min": 1, "max": 1, "currency": "EUR", "qualifier": "exact", "kind": "members"},
                {"category": "A", "min": 80.0, "max": 95.50, "currency": "EUR", "qualifier": "exact", "kind": "paid"},
            ],
        ),
    ),
    page(
        "prices.example/b",
        production(
            "Rusalka",
            "Dvořák",
            performances=evenings("2026-10-02"),
            ticket_prices=[{"min": 15, "currency": "EUR", "qualifier": "from", "kind": "paid"}],
        ),
    ),
    # A page for each night.
    *(
        page(
            f"nightly.example/{day}",
            production("Werther", "Massenet", cast_members=[part(singer, "Charlotte")], performances=evenings(f"{day} 19:00")),
            page_type="performance",
        )
        for day, singer in (("2026-10-01", "Ann Poole"), ("2026-10-03", "Bea Sand"), ("2026-10-05", "Ann Poole"))
    ),
    # Two evenings of one day, a time that two pages print differently, and a page that prints none.
    page(
        "times.example/a",
        production("Hänsel und Gretel", "Humperdinck", performances=evenings("2026-12-20 11:00", "2026-12-20 12:30", "2026-12-21 19:00")),
    ),
    page(
        "times.example/b",
        production("Hänsel und Gretel", performances=evenings("2026-12-20", "2026-12-21 19:30", "2026-12-22")),
        page_type="calendar",
    ),
    # One page over two seasons; a festival that counts in years; a label that cannot hold for its dates.
    page("seasons.example/a", production("Arabella", "Richard Strauss", performances=evenings("2026-05-01", "2026-10-01"))),
    page("festival.example/a", production("Salome", "Richard Strauss", season="Festival 2026", performances=evenings("2026-07-20"))),
    page("festival.example/b", production("Salome", performances=evenings("2026-07-20", "2026-07-24")), page_type="calendar"),
    page("labels.example/a", production("Oberon", "Weber", season="24/25", performances=evenings("2026-10-01"))),
    # Two stagings of one work in one season, and a calendar with the evenings of both.
    page(
        "stagings.example/old",
        production("Faust", "Charles Gounod", creative_team=[credit("director", "Old Hand")], performances=evenings("2026-10-01")),
    ),
    page(
        "stagings.example/new",
        production("Faust", "Charles Gounod", creative_team=[credit("director", "New Broom")], performances=evenings("2027-05-01")),
    ),
    page(
        "stagings.example/calendar",
        production("Faust", "Charles Gounod", performances=evenings("2026-10-01", "2027-05-01")),
        page_type="calendar",
    ),
    # Names: word order, capitals, titles, brackets, several in one, nobody.
    page(
        "names.example/hu",
        production(
            "Bánk bán",
            "Erkel Ferenc",
            cast_members=[part("KOVÁCS Ilona*", "Melinda"), part("Szép János (stúdió)", "Ottó"), part("N.N.", "Gertrúd")],
            performances=evenings("2026-10-01"),
        ),
        language="hu",
    ),
    page(
        "names.example/en",
        production(
            "Hunyadi László",
            "Ferenc Erkel",
            cast_members=[part("Ilona Kovács", None), part("KS Pál Nagy / Éva Kis", "László")],
            performances=evenings("2026-10-03"),
        ),
    ),
    page("order.example/a", production("Don Carlos", "Verdi", cast_members=[part("James Paul", "Posa")], performances=evenings("2026-10-01"))),
    page("order2.example/a", production("Don Carlos", "Verdi", cast_members=[part("Paul James", "Posa")], performances=evenings("2026-10-01"))),
    # A conductor and a singer of one name; two choirs that are called no more than that.
    page("namesake.example/a", production("Turandot", "Puccini", creative_team=[credit("conductor", "Kit Marlowe"), credit("chorus", "Opernchor")], performances=evenings("2026-10-01"))),
    page("namesake2.example/a", production("Turandot", "Puccini", cast_members=[part("Kit Marlowe", "Ping")], creative_team=[credit("chorus", "Opernchor")], performances=evenings("2026-10-01"))),
    # Names that only a decision joins or parts (see DECISIONS), and one that nobody decided about.
    page("decided.example/a", production("Werther", "Massenet", cast_members=[part("Bea Winterling", "Charlotte"), part("Goran Mürbeck", "Albert")], performances=evenings("2026-10-01"))),
    page("decided2.example/a", production("Werther", "Massenet", cast_members=[part("Beatrix Sommerfeld", "Charlotte"), part("Goran Muerbeck", "Albert")], performances=evenings("2026-10-01"))),
    page("decided3.example/a", production("Werther", "Massenet", creative_team=[credit("director", "A. Halvorsen-Quist")], performances=evenings("2026-10-01"))),
    page("decided4.example/a", production("Werther", "Massenet", creative_team=[credit("director", "Astrid Halvorsen-Quist"), credit("conductor", "Xenia Underwood-Bly")], performances=evenings("2026-10-01"))),
    page("decided5.example/a", production("Werther", "Massenet", creative_team=[credit("director", "Asger Halvorsen-Quist"), credit("choreographer", "X. Underwood-Bly")], performances=evenings("2026-10-01"))),
    # The same of works: a title without a composer, at two houses.
    page("decided.example/b", production("Der Nebelgarten", "Ada Rook", performances=evenings("2026-10-02"))),
    page("decided2.example/b", production("Der Nebelgarten", performances=evenings("2026-10-02"))),
    page("decided3.example/b", production("Der Nebelgarten", performances=evenings("2026-10-02"))),
    page("decided4.example/b", production("Jenufa", performances=evenings("2026-10-02"))),
    # Partners: registered, named only, and the house itself.
    page(
        "partners.example/a",
        production(
            "Billy Budd",
            "Benjamin Britten",
            co_producers=["Royal Opera House", "Nowhere Festival", "Partners Opera"],
            performances=evenings("2026-10-01"),
        ),
        company={"name": "Partners Opera"},
    ),
    # Money: thousands; and thousands that nothing on the page supports.
    page(
        "money.example/report",
        page_type="financial",
        financials=[
            {"fiscal_year": "2024/25", "currency": "EUR", "unit_multiplier": 1000, "total_revenue": 1200.5, "total_expenses": 1000},
            {"fiscal_year": "2023/24", "currency": "EUR", "unit_multiplier": 1000, "total_revenue": 900},
        ],
        statuses={"/financials/1/unit_multiplier": "absent"},
    ),
    # Several readers of one version, and an error after an answer; then an older and a newer version.
    *(
        page(
            "readers.example/a",
            production("Parsifal", "Wagner", venue=venue, performances=evenings("2026-10-01")),
            llm_model=model,
            extraction_version=version,
            extracted_at=SCRAPED_AT + timedelta(hours=hours),
        )
        for model, version, hours, venue in (
            ("rules", "v9", 9, "Hall of rules"),
            ("openai:some", "v1", 1, "Hall of the old model"),
            ("openai:some", "v2", 2, "Hall of the model"),
        )
    ),
    Page("https://readers.example/a", None, llm_model="openai:some", extraction_version="v3", extracted_at=SCRAPED_AT + timedelta(hours=5)),
    page(
        "versions.example/a",
        production("Tannhäuser", "Wagner", performances=evenings("2026-10-01", "2026-10-03")),
        scraped_at=SCRAPED_AT - timedelta(days=30),
    ),
    page("versions.example/a", production("Tannhäuser", "Wagner", performances=evenings("2026-10-03", "2026-10-07"))),
    Page("https://versions.example/a", None, scraped_at=SCRAPED_AT + timedelta(hours=1)),
    # No evening of a work.
    page("talks.example/a", production("Lohengrin", "Wagner", genre="education", performances=evenings("2026-10-01"))),
    # A ballet of an opera's title; the calendar does not say what it is.
    page("ballet.example/a", production("Eugen Onegin", "Tschaikowsky", genre="ballet", performances=evenings("2026-10-01"))),
    page("ballet.example/b", production("Eugen Onegin", genre=None, performances=evenings("2026-10-02")), page_type="calendar"),
    # Shortened for children.
    page(
        "children.example/a",
        production("Die Zauberflöte", "Mozart", performances=evenings("2026-10-01")),
        production("Die Zauberflöte für Kinder", "Mozart", performances=evenings("2026-10-02")),
        page_type="season",
    ),
]  # fmt: skip

#: What somebody decided before the build: entity, two names, decision.
DECISIONS = [
    ("performers", "Bea WINTERLING", "Beatrix Sommerfeld", "same"),
    ("performers", "Goran Muerbeck", "Goran Mürbeck", "different"),
    ("opera_works", "Der Nebelgarten Ada Rook", "Der Nebelgarten decided2 example", "same"),
    ("opera_works", "jenufa janacek", "jenufa decided4 example", "different"),
]
