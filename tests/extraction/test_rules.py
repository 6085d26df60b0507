"""The rules on invented pages: many kinds of markup, many languages. Persons are invented."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opera_spiders.bounded import Threads
from opera_spiders.extraction.blocks import read_blocks
from opera_spiders.extraction.credits import read_credits
from opera_spiders.extraction.extractor import PageToExtract
from opera_spiders.extraction.rules import RulesExtractor, read_page, rules_version
from opera_spiders.extraction.schema import PageExtraction, Production
from opera_spiders.extraction.sections import Splitter, read_title

FETCHED_AT = dt.datetime(2026, 9, 10, 8, tzinfo=dt.UTC)


def page_of(body: str, language: str | None = "de", head: str = "", path: str = "/x/y") -> PageToExtract:
    lang = f" lang='{language}'" if language else ""
    html = f"<!DOCTYPE html><html{lang}><head>{head}</head><body>{body}</body></html>"
    return PageToExtract(
        read_blocks(html.encode(), "text/html", f"https://house.example{path}"), FETCHED_AT, "house.example"
    )


def read(body: str, language: str | None = "de", head: str = "", path: str = "/x/y") -> PageExtraction:
    return read_page(page_of(body, language, head, path))


def only(extraction: PageExtraction) -> Production:
    assert [production.opera_title for production in extraction.productions] == [extraction.productions[0].opera_title]
    return extraction.productions[0]


def credited(body: str, language: str | None = "de", roles: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    found = read_credits(page_of(body, language).blocks.blocks, language, roles)
    return [(function, credit.name.name) for credit in found.credited for function in credit.functions]


def sung(body: str, language: str | None = "de", roles: tuple[str, ...] = ()) -> list[tuple[str | None, str]]:
    found = read_credits(page_of(body, language).blocks.blocks, language, roles)
    return [(singer.role, singer.name.name) for singer in found.sung]


@pytest.mark.parametrize(
    ("language", "body"),
    [
        ("de", "<p>Regie: Anna Muster</p>"),
        ("de", "<p><b>Regie</b> Anna Muster</p>"),
        ("de", "<p>Regie Anna Muster</p>"),
        ("de", "<p>Regie<br>Anna Muster</p>"),
        ("de", "<p>Regie – Anna Muster</p>"),
        ("de", "<p>Anna Muster, Regie</p>"),
        ("de", "<p>Anna Muster (Regie)</p>"),
        ("de", "<table><tr><td>Regie<td>Anna Muster</table>"),
        ("de", "<table><tr><td>Anna Muster<td>Regie</table>"),
        ("de", "<dl><dt>Regie<dd>Anna Muster</dl>"),
        ("de", "<div><div class=l>Regie</div><div class=v><a href=/k>Anna Muster</a></div></div>"),
        ("de", "<ul><li><span>Regie:</span> <span>Anna Muster</span></ul>"),
        ("de", "<h4>Regie</h4><ul><li>Anna Muster</ul>"),
        ("de", "<div><p>Regie</p></div><div><p>Anna Muster</p></div>"),
        ("en", "<p>Directed by Anna Muster</p>"),
        ("fr", "<p>Mise en scène : Anna Muster</p>"),
        ("it", "<p>Regia di Anna Muster</p>"),
        ("cs", "<p>Režie: Anna Muster</p>"),
        ("hu", "<p>Rendező: Anna Muster</p>"),
        ("es", "<p>Dirección de escena: Anna Muster</p>"),
        ("sv", "<p>Regi: Anna Muster</p>"),
        ("ru", "<p>Режиссёр-постановщик: Анна Мустер</p>"),
    ],
)
def test_a_label_beside_a_name_is_a_credit_in_any_markup(language: str, body: str):
    assert credited(body, language) in ([("director", "Anna Muster")], [("director", "Анна Мустер")])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "<p>Inszenierung, Bühne &amp; Kostüme: Anna Muster</p>",
            [("director", "Anna Muster"), ("set_designer", "Anna Muster"), ("costume_designer", "Anna Muster")],
        ),
        (
            "<p>Kostüme: Anna Muster, Berta Beispiel</p>",
            [("costume_designer", "Anna Muster"), ("costume_designer", "Berta Beispiel")],
        ),
        ("<p>Chor: Chor der Oper Kronwerth</p>", [("chorus", "Chor der Oper Kronwerth")]),
        ("<p>Chor: Anna Muster</p>", [("chorus_master", "Anna Muster")]),
        ("<p>Musikalische Leitung: N. N.</p>", []),
        ("<p>Regie: ab 15. März im Vorverkauf</p>", []),
        ("<p>Anna Muster ist in Kronwerth geboren und studierte Regie in Berlin, bevor sie ans Theater kam.</p>", []),
    ],
)
def test_combined_labels_ensembles_and_placeholders(body: str, expected: list[tuple[str, str]]):
    assert credited(body) == expected


def test_direction_is_read_in_the_language_of_the_page():
    assert credited("<p>Direction: Anna Muster</p>", "fr") == [("conductor", "Anna Muster")]
    assert credited("<p>Direction: Anna Muster</p>", "en") == [("director", "Anna Muster")]


@pytest.mark.parametrize(
    ("language", "body"),
    [
        ("en", "<h3>Cast</h3><p>Floria Tosca: Anna Muster</p><p>Jailer: Bert Beispiel</p>"),
        ("en", "<h3>Cast</h3><p>Anna Muster as Floria Tosca<br>Bert Beispiel as Jailer</p>"),
        ("en", "<h3>Cast</h3><p>Anna Muster (Floria Tosca)<br>Bert Beispiel (Jailer)</p>"),
        ("en", "<h3>Cast</h3><ul><li>Floria Tosca – Anna Muster<li>Jailer – Bert Beispiel</ul>"),
        ("en", "<table><tr><td>Anna Muster<td>Floria Tosca<tr><td>Bert Beispiel<td>Jailer</table>"),
        ("en", "<dl><dt>Floria Tosca<dd>Anna Muster<dt>Jailer<dd>Bert Beispiel</dl>"),
        ("en", "<h3>Cast</h3><p>Floria Tosca</p><p>Anna Muster</p><p>Jailer</p><p>Bert Beispiel</p>"),
        ("en", "<h3>Cast</h3><ul><li><i>Floria Tosca</i> Anna Muster<li><i>Jailer</i> Bert Beispiel</ul>"),
        ("en", "<h3>Cast</h3><p>Floria Tosca ..... Anna Muster<br>Jailer ..... Bert Beispiel</p>"),
    ],
)
def test_roles_and_performers_are_told_apart_in_both_orders(language: str, body: str):
    assert sung(body, language, ("Floria Tosca", "Mario Cavaradossi")) == [
        ("Floria Tosca", "Anna Muster"),
        ("Jailer", "Bert Beispiel"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        "<p>Kasse: Anna Muster</p>",
        "<table><tr><td>Dauer<td>2 Stunden</table>",
        "<p>Foto: Anna Muster</p>",
        "<p>Mit: Anna Muster</p>",
        "<table><tr><td>Sa 14.3.<td>Karten</table>",
    ],
)
def test_two_texts_side_by_side_are_no_cast_without_a_sign(body: str):
    assert sung(body) == []


def test_an_unknown_function_among_known_ones_is_no_role():
    row = "<tr><td>{}<td>{}"
    rows = [
        ("Floria Tosca", "Anna Muster"),
        ("Regie", "Bert Beispiel"),
        ("Kampfmeister", "Carl Probe"),
        ("Licht", "Dora Test"),
    ]
    table = "<table>" + "".join(row.format(*pair) for pair in rows) + "</table>"
    assert sung(table, "de", ("Floria Tosca",)) == [("Floria Tosca", "Anna Muster")]


def test_a_substitute_names_whom_they_replace():
    found = read_credits(
        page_of(
            "<div><div class=r>Gabriele Adorno</div><div class=v><a>Carl Probe *</a><span><i>*instead of</i> <b>Dario Test</b></span></div></div>",
            "en",
        ).blocks.blocks,
        "en",
        ("Gabriele Adorno",),
    )
    assert [(singer.name.name, singer.name.replaces) for singer in found.sung] == [("Carl Probe", "Dario Test")]


@pytest.mark.parametrize(
    ("text", "works", "composer"),
    [
        ("TOSCA", ["TOSCA"], None),
        ("«Tosca»", ["Tosca"], None),
        ("Tosca (WA)", ["Tosca"], None),
        ("Premiere: Tosca", ["Tosca"], None),
        ("Verdi: Otello", ["Otello"], "Verdi"),
        ("Otello – Giuseppe Verdi", ["Otello"], "Giuseppe Verdi"),
        ("Cavalleria rusticana & Pagliacci", ["Cavalleria rusticana", "Pagliacci"], None),
        ("Incontro con l’opera: Tosca", [], None),
        ("Einführungsmatinee: Tosca", [], None),
        ("Tosca – mettiamoci all’opera", [], None),
        ("Öffentliche Generalprobe Tosca", [], None),
        ("Chamber Music", [], None),
    ],
)
def test_titles_are_works_and_talks_about_works_are_not(text: str, works: list[str], composer: str | None):
    title = read_title(text, "it" if "opera" in text else "de")
    assert [printed for printed, _ in title.works] == works
    assert title.composer == composer


CARDS = {
    "article": "<article><h3>{title}</h3><p>{composer}</p><p>{date}</p></article>",
    "link first": "<div class=e><a href=/p><h2>{title}</h2></a><div>{composer}</div><time>{date}</time></div>",
    "date first": "<li><div class=d>{date}</div><h3>{title}</h3><p>{composer}</p></li>",
    "row": "<tr><td>{date}</td><td><a href=/p>{title}</a></td><td>{composer}</td></tr>",
    "box of boxes": "<div class=e><div class=d>{date}</div><div class=c><div class=t>{title}</div><div class=k>{composer}</div></div></div>",
    "flat": "<h3>{title}</h3><p>{composer}</p><p>{date}</p>",
    "lines": "<p>{composer}<br>{title}<br>{date}</p>",
}


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS)
def test_every_event_of_a_calendar_has_its_own_date(card: str):
    events = [
        ("Tosca", "Giacomo Puccini", "14. März 2027, 19.30 Uhr"),
        ("Carmen", "Georges Bizet", "15. März 2027, 18 Uhr"),
        ("Fidelio", "Ludwig van Beethoven", "16. März 2027, 19 Uhr"),
    ]
    listing = "".join(card.format(title=title, composer=composer, date=date) for title, composer, date in events)
    body = (
        f"<h1>Spielplan</h1><table>{listing}</table>"
        if card.startswith("<tr")
        else f"<h1>Spielplan</h1><div>{listing}</div>"
    )
    found = read(body).productions
    assert [(p.opera_title, p.composer, [(e.date, e.time) for e in p.performances]) for p in found] == [
        ("Tosca", "Giacomo Puccini", [("2027-03-14", "19:30")]),
        ("Carmen", "Georges Bizet", [("2027-03-15", "18:00")]),
        ("Fidelio", "Ludwig van Beethoven", [("2027-03-16", "19:00")]),
    ]


def test_days_under_the_heading_of_their_month_are_dates():
    body = (
        "<h1>Spielplan</h1><h2>März 2027</h2><ul>"
        "<li><div class=d>Sa 13.</div><div class=z>19.30 Uhr</div><div class=w><a href=/a>Tosca</a><div>Oper von Giacomo Puccini</div></div></li>"
        "<li><div class=d>So 14.</div><div class=z>18.00 Uhr</div><div class=w><a href=/b>Carmen</a><div>Oper von Georges Bizet</div></div></li></ul>"
    )
    assert [(p.opera_title, p.performances[0].date, p.performances[0].time) for p in read(body).productions] == [
        ("Tosca", "2027-03-13", "19:30"),
        ("Carmen", "2027-03-14", "18:00"),
    ]


def test_dates_that_stand_only_in_attributes_are_read_in_the_order_the_page_shows():
    row = "<div class=day data-list-id='{date}'><div class=d>{day}</div><div class=e><div class=t>{time}</div><div class=n>{title}</div><div class=l>Teatro Grande</div></div></div>"
    body = "<h1>Calendario</h1>" + "".join(
        row.format(date=date, day=day, time=time, title=title)
        for date, day, time, title in [
            ("04-12-2027", "12 lunedì", "18:00", "Lohengrin"),
            ("04-15-2027", "15 giovedì", "19:00", "La traviata"),
            ("04-16-2027", "16 venerdì", "19:00", "Lohengrin"),
        ]
    )
    found = {p.opera_title: [(e.date, e.time) for e in p.performances] for p in read(body, "it").productions}
    assert found == {
        "Lohengrin": [("2027-04-12", "18:00"), ("2027-04-16", "19:00")],
        "La traviata": [("2027-04-15", "19:00")],
    }


def test_the_same_title_on_several_nights_is_one_production_with_its_casts():
    card = "<article><p>{date}</p><h3>Tosca</h3><p>Giacomo Puccini</p><dl><dt>Dirigent<dd>Anna Muster<dt>Floria Tosca<dd>{singer}</dl></article>"
    body = card.format(date="14. März 2027, 19.30 Uhr", singer="Berta Beispiel") + card.format(
        date="18. März 2027, 19.30 Uhr", singer="Clara Probe"
    )
    production = only(read(f"<h1>Spielplan</h1>{body}"))
    assert [evening.date for evening in production.performances] == ["2027-03-14", "2027-03-18"]
    assert [(c.performer, c.kind, [n.date for n in c.nights]) for c in production.cast_members] == [
        ("Berta Beispiel", "alternate", ["2027-03-14"]),
        ("Clara Probe", "alternate", ["2027-03-18"]),
    ]
    assert [(c.name, [n.date for n in c.nights]) for c in production.creative_team] == [
        ("Anna Muster", ["2027-03-14", "2027-03-18"])
    ]


PRODUCTION = """
<main><p>Oper · Spielzeit 2026/27 · Neuinszenierung</p><h1>Tosca</h1>
<p>Oper in drei Akten von Giacomo Puccini<br>Libretto von Giuseppe Giacosa und Luigi Illica</p>
<p>Großes Haus</p><p>In italienischer Sprache mit deutschen Übertiteln</p>
<p>Dauer: ca. 2:50 h, zwei Pausen</p><p>Koproduktion mit der Opéra de Valbrume</p>
<h2>Termine</h2><ul>
<li>Sa 13. März 2027, 19.30 Uhr <b>Premiere</b> <span>ausverkauft</span>
<li>Fr 19. März 2027, 19.30 Uhr <a href="https://karten.example/1">Karten</a>
<li>So 4. April 2027, 18.00 Uhr <span>abgesagt</span>
<li>Sa 17. April 2027, 19.30 Uhr <span>Zum letzten Mal</span> <a href="https://karten.example/3">Restkarten</a></ul>
<p>Vorverkauf ab 1. Februar 2027</p><p>Preise: 12 – 84 €</p>
<h2>Leitung</h2><p>Musikalische Leitung: Anna Muster<br>Regie: Bert Beispiel</p>
<h2>Besetzung</h2><p>Floria Tosca: Clara Probe (13.3., 4.4.) / Dora Test (19.3., 17.4.)<br>Mario Cavaradossi: N. N.<br>Scarpia: Emil Muster</p>
</main>
<aside><h2>Das könnte Sie auch interessieren</h2><article><h3>Carmen</h3><p>Georges Bizet</p><p>1. Mai 2027, 19 Uhr</p></article></aside>
"""


def test_a_production_page_is_read_whole():
    production = only(read(PRODUCTION))
    assert production.model_dump(
        exclude={"block", "creative_team", "cast_members", "performances", "ticket_prices", "works"}
    ) == {
        "opera_title": "Tosca",
        "composer": "Giacomo Puccini",
        "librettist": "Giuseppe Giacosa und Luigi Illica",
        "production_title": None,
        "season": "2026/27",
        "language": "it",
        "genre": "opera",
        "venue": "Großes Haus",
        "city": None,
        "production_type": "new",
        "presentation": None,
        "is_family": None,
        "is_world_premiere": None,
        "premiere_date": "2027-03-13",
        "closing_date": "2027-04-17",
        "duration_minutes": 170,
        "intermissions": 2,
        "premiere_words": ["Neuinszenierung", "Premiere"],
        "co_producers": ["Opéra de Valbrume"],
    }


def test_evenings_carry_their_state_and_kind():
    production = only(read(PRODUCTION))
    assert [(e.date, e.time, e.status, e.availability, e.type, e.ticket_url) for e in production.performances] == [
        ("2027-03-13", "19:30", None, "sold_out", "premiere", None),
        ("2027-03-19", "19:30", None, "on_sale", None, "https://karten.example/1"),
        ("2027-04-04", "18:00", "cancelled", None, None, None),
        ("2027-04-17", "19:30", None, "few_left", "last_night", "https://karten.example/3"),
    ]
    assert not any(evening.year_inferred for evening in production.performances)


def test_alternating_singers_have_their_nights():
    cast = only(read(PRODUCTION)).cast_members
    assert [(c.performer, c.role, c.kind, [n.date for n in c.nights]) for c in cast] == [
        ("Clara Probe", "Floria Tosca", "alternate", ["2027-03-13", "2027-04-04"]),
        ("Dora Test", "Floria Tosca", "alternate", ["2027-03-19", "2027-04-17"]),
        ("Emil Muster", "Scarpia", "main", []),
    ]


def test_a_price_range_is_one_price():
    (price,) = only(read(PRODUCTION)).ticket_prices
    assert (price.min, price.max, price.currency, price.qualifier, price.kind) == (12.0, 84.0, "EUR", "exact", "paid")


def test_a_run_given_as_a_range_has_a_last_night_and_no_evenings():
    body = "<h1>Saison 2026/27</h1><article><h2>Tosca</h2><p>Giacomo Puccini</p><p>du 10 avril au 3 mai 2027</p></article><article><h2>Carmen</h2><p>Georges Bizet</p><p>du 5 au 9 mai 2027</p></article>"
    extraction = read(body, "fr")
    assert [(p.opera_title, p.closing_date, p.performances, p.season) for p in extraction.productions] == [
        ("Tosca", "2027-05-03", [], "2026/27"),
        ("Carmen", "2027-05-09", [], "2026/27"),
    ]
    assert extraction.page_type == "season"


def test_an_unknown_title_is_a_production_where_credits_and_dates_say_so():
    body = (
        "<h1>Das gläserne Fjordlicht</h1><p>Oper von Kunibert Ohneruhm</p><p>14. März 2027, 19.30 Uhr</p>"
        "<p>Musikalische Leitung: Anna Muster<br>Regie: Bert Beispiel</p><h2>Besetzung</h2><p>Ida: Clara Probe<br>Ole: Emil Muster<br>Wal: Dora Test</p>"
    )
    production = only(read(body))
    assert (production.opera_title, production.composer, len(production.cast_members)) == (
        "Das gläserne Fjordlicht",
        "Kunibert Ohneruhm",
        3,
    )


@pytest.mark.parametrize(
    ("body", "genre"),
    [
        (
            "<p>Ballett</p><h1>Romeo und Julia</h1><p>Musik von Sergei Prokofjew</p><p>14. März 2027, 19 Uhr</p>",
            "ballet",
        ),
        ("<p>Konzert</p><h1>Ein deutsches Requiem</h1><p>14. März 2027, 19 Uhr</p>", "concert"),
        ("<p>Operette von Johann Strauss</p><h1>Die Fledermaus</h1><p>14. März 2027, 19 Uhr</p>", "operetta"),
        ("<h1>Einführungsmatinee: Jenůfa</h1><p>7. März 2027, 11 Uhr</p>", "education"),
    ],
)
def test_what_is_no_opera_gets_its_genre(body: str, genre: str):
    assert only(read(body)).genre == genre


@pytest.mark.parametrize(
    "body",
    [
        "<h1>Aktuelles</h1><article><h2>Tosca auf CD</h2><p>Veröffentlicht am 3. September 2026</p></article>",
        "<h1>Kontakt</h1><p>Theaterplatz 1</p><p>Mo bis Fr 10 – 18 Uhr</p>",
        "<h1>Anna Muster</h1><p>Sopran</p><p>Anna Muster sang 2019 die Tosca und 2021 die Carmen in Kronwerth.</p>",
        "",
        "<p>x</p>",
    ],
)
def test_pages_without_productions_stay_empty(body: str):
    assert read(body).productions == []


def test_a_synopsis_names_no_evening():
    body = (
        PRODUCTION
        + "<p>Die Handlung spielt am 17. Juni 1800 in Rom. Am 14. Januar 1900 wurde das Werk uraufgeführt, und seither steht es auf allen Spielplänen der Welt.</p>"
    )
    assert len(only(read(body)).performances) == 4


def test_an_artists_page_lists_engagements():
    body = (
        "<h1>Anna Muster</h1><p>Sopran</p><h2>Spielzeit 2026/27</h2><ul>"
        "<li><a href=/t>Tosca</a> <span>Giacomo Puccini</span> <span>Floria Tosca</span>"
        "<li><a href=/n>Norma</a> <span>Vincenzo Bellini</span> <span>Norma</span></ul>"
    )
    extraction = read(body)
    assert extraction.page_type == "artist"
    assert [
        (p.opera_title, [(c.performer, c.role, c.voice_type) for c in p.cast_members]) for p in extraction.productions
    ] == [
        ("Tosca", [("Anna Muster", "Floria Tosca", "Sopran")]),
        ("Norma", [("Anna Muster", "Norma", "Sopran")]),
    ]


def test_a_double_bill_has_its_works_in_order():
    body = "<h1>Cavalleria rusticana / Pagliacci</h1><p>Pietro Mascagni / Ruggero Leoncavallo</p><p>14. März 2027, 19 Uhr</p><h2>Cavalleria rusticana</h2><p>Santuzza: Anna Muster</p><h2>Pagliacci</h2><p>Nedda: Berta Beispiel</p>"
    production = only(read(body))
    assert production.composer == "Pietro Mascagni / Ruggero Leoncavallo"
    assert [(work.title, work.composer) for work in production.works] == [
        ("Cavalleria rusticana", "Pietro Mascagni"),
        ("Pagliacci", "Ruggero Leoncavallo"),
    ]
    assert [(c.role, c.performer) for c in production.cast_members] == [
        ("Santuzza", "Anna Muster"),
        ("Nedda", "Berta Beispiel"),
    ]


def test_a_column_of_dates_belongs_to_the_column_of_events_beside_it():
    body = (
        "<h1>Programme</h1><div class=day><div class=dates><div>02 Apr<p>13:30</p></div><div>02 Apr<p>17:00–22:00</p></div></div>"
        "<div class=events><div><h2>A talk</h2><p>Gallery</p></div><div><p>Richard Wagner</p><h2>Parsifal</h2></div></div></div>"
        "<div class=day><div class=dates><div>03 Apr<p>19:00</p></div></div>"
        "<div class=events><div><p>Giacomo Puccini</p><h2>Tosca</h2></div></div></div>"
    )
    found = read(body, "en").productions
    assert [(p.opera_title, [(e.date[5:], e.time) for e in p.performances]) for p in found] == [
        ("A talk", [("04-02", "13:30")]),
        ("Parsifal", [("04-02", "17:00")]),
        ("Tosca", [("04-03", "19:00")]),
    ]


def test_sections_of_a_related_list_do_not_reach_the_main_production():
    sections = Splitter(page_of(PRODUCTION).blocks, "de").split()
    main = next(section for section in sections if section.is_main)
    assert not any("Bizet" in block.text or "Mai 2027" in block.text for block in main.blocks)


def test_the_company_is_read_from_the_foot_of_the_page():
    body = "<header><a href=/>Theater Kronwerth</a></header><p>x</p><footer><address>Theater Kronwerth<br>Schlossplatz 4<br>09999 Kronwerth<br>Deutschland</address></footer>"
    company = read(body).company
    assert company is not None
    assert (company.name, company.city, company.country) == ("Theater Kronwerth", "Kronwerth", "Deutschland")


async def test_an_extraction_is_an_answer_with_evidence():
    extractor = RulesExtractor(Threads())
    extraction = await extractor.extract(page_of(PRODUCTION))
    await extractor.aclose()
    assert extraction.error is None
    assert extraction.llm_model == "rules"
    assert extraction.extraction_version == rules_version()
    assert extraction.raw_response is not None
    assert {evidence["status"] for evidence in extraction.evidence.values()} <= {
        "verified",
        "section",
        "inferred",
        "elsewhere",
    }


async def test_the_same_page_gives_the_same_answer():
    first = await RulesExtractor(Threads()).extract(page_of(PRODUCTION))
    assert first == await RulesExtractor(Threads()).extract(page_of(PRODUCTION))


_PIECES = st.sampled_from(
    [
        "<h1>Tosca</h1>",
        "<h2>Carmen</h2>",
        "<p>Regie:\xa0Anna\xa0Muster</p>",
        "<ul><li>14.3.2027,\xa019\xa0Uhr",
        "</ul>",
        "</table>",
        "<div>",
        "</div>",
        "<table><tr><td>Carmen<td>Anna\xa0Muster",
        "<p>Giacomo\xa0Puccini</p>",
        "12\xa0€",
        "ausverkauft",
        "<p>N.\xa0N.</p>",
        "<h3>Besetzung</h3>",
        "Scarpia:",
        "(13.3.)",
        "<p>*statt\xa0Emil\xa0Muster</p>",
    ]
)


@given(st.lists(_PIECES, max_size=25), st.sampled_from(["de", "en", "hu", None]))
def test_no_arrangement_of_a_page_raises(pieces: list[str], language: str | None):
    extraction = read("".join(pieces), language)
    assert PageExtraction.model_validate(extraction.model_dump()) == extraction


CARDS = (
    "<h1>Tosca</h1><h2>Rollista</h2><ul><li><h4>Vendela Exempel</h4><p>Floria Tosca</p></li>"
    "<li><h4>Ragnar Prov</h4><p>Kyrkvaktaren</p></li></ul><h2>Team</h2><ul><li><h4>Moa Test</h4><p>Dirigent</p></li></ul>"
)


def test_a_card_of_heading_and_line_is_a_pair() -> None:
    assert sung(CARDS, "sv", ("Floria Tosca",)) == [
        ("Floria Tosca", "Vendela Exempel"),
        ("Kyrkvaktaren", "Ragnar Prov"),
    ]
    assert credited(CARDS, "sv") == [("conductor", "Moa Test")]


def test_a_composer_below_a_title_that_is_also_a_role_sings_nothing() -> None:
    assert sung("<h1>Carmen</h1><h2>Georges Bizet (1838-1875)</h2><p>Opéra-comique</p>", "es", ("Carmen",)) == []


def test_two_headings_are_role_and_performer() -> None:
    body = "<h3>Cast</h3><div><h4>Alfredo Germont</h4><h5>Jonah Sample</h5></div><h4>Conductor</h4><h5>Ilse Sample</h5>"
    assert sung(body, "en", ("Alfredo Germont",)) == [("Alfredo Germont", "Jonah Sample")]
    assert credited(body, "en") == [("conductor", "Ilse Sample")]


def test_a_performer_who_doubles_roles_has_each_of_them() -> None:
    body = "<h3>Cast</h3><p>Turiddu / Canio: Fabio Prova</p><p>Nedda: Anna Prova</p>"
    roles = ("Turiddu", "Canio", "Nedda")
    assert sung(body, "it", roles) == [("Turiddu", "Fabio Prova"), ("Canio", "Fabio Prova"), ("Nedda", "Anna Prova")]


def test_roles_and_performers_run_on_in_one_line() -> None:
    body = "<p>Norma Ludmila Prova, Pollione Ettore Prova</p>"
    assert sung(body, "it", ("Norma", "Pollione")) == [("Norma", "Ludmila Prova"), ("Pollione", "Ettore Prova")]


@pytest.mark.parametrize(
    ("line", "function", "name"),
    [
        ("Orquesta Sinfónica de Valdearcos", "orchestra", "Orquesta Sinfónica de Valdearcos"),
        (
            "Melodramma in tre atti. Libretto di Antonio Prova, dal dramma di Eugenio Prova",
            "librettist",
            "Antonio Prova",
        ),
        ("Música de Paula Prueba. Libreto de Ana Prueba, basado en la novela", "librettist", "Ana Prueba"),
    ],
)
def test_a_line_about_the_work_names_who_wrote_and_who_plays(line: str, function: str, name: str) -> None:
    assert (function, name) in credited(f"<p>{line}</p>", "es" if "de " in line else "it")


def nights(production: Production) -> dict[str, list[str]]:
    return {singer.performer: [night.date for night in singer.nights] for singer in production.cast_members}


DATES = "<ul><li>22. Januar 2027, 19 Uhr</li><li>24. Januar 2027, 19 Uhr</li></ul>"


@pytest.mark.parametrize(
    "cast",
    [
        "<h2>Besetzung</h2><p>Tosca: Anna Muster (22) / Eva Muster (24)</p><p>Scarpia: Otto Muster</p>",
        "<h2>Besetzung</h2><h3>22. Januar</h3><p>Tosca: Anna Muster</p><h3>24. Januar</h3><p>Tosca: Eva Muster</p>",
        "<table><tr><th></th><th>22.1.</th><th>24.1.</th></tr><tr><td>Tosca</td><td>Anna Muster</td><td>Eva Muster</td></tr>"
        "<tr><td>Scarpia</td><td>Otto Muster</td><td>Otto Muster</td></tr></table>",
    ],
)
def test_a_cast_by_nights_is_read_from_brackets_headings_and_columns(cast: str) -> None:
    if "(22)" in cast:
        cast = cast.replace("(22)", "(22, 26)").replace("(24)", "(24, 28)")
        dates = DATES.replace("</ul>", "<li>26. Januar 2027, 19 Uhr</li><li>28. Januar 2027, 19 Uhr</li></ul>")
    else:
        dates = DATES
    found = nights(only(read(f"<h1>Tosca</h1><p>Giacomo Puccini</p>{dates}{cast}")))
    assert found["Anna Muster"][0] == "2027-01-22"
    assert found["Eva Muster"][0] == "2027-01-24"


def test_each_evening_with_its_own_list_has_its_own_cast() -> None:
    boxes = "".join(
        f"<div><div>{day}. Januar 2027, 19 Uhr</div><ul><li>Tosca – {name}</li><li>Scarpia – Otto Muster</li></ul></div>"
        for day, name in ((22, "Anna Muster"), (24, "Eva Muster"))
    )
    found = nights(only(read(f"<h1>Tosca</h1><p>Giacomo Puccini</p><div>{boxes}</div>")))
    assert found == {
        "Anna Muster": ["2027-01-22"],
        "Eva Muster": ["2027-01-24"],
        "Otto Muster": ["2027-01-22", "2027-01-24"],
    }


def test_the_head_of_a_table_says_which_column_is_the_town() -> None:
    table = (
        "<table><tr><th>Datum</th><th>Tijd</th><th>Plaats</th><th>Theater</th></tr>"
        "<tr><td>vr 22 jan 2027</td><td>20.00</td><td>Veldhaven</td><td>De Schouw</td></tr>"
        "<tr><td>za 30 jan 2027</td><td>19.30</td><td>Dijkdorp</td><td>De Kom</td></tr></table>"
    )
    found = only(read(f"<h1>Tosca</h1><p>Giacomo Puccini</p>{table}", "nl"))
    assert [(evening.city, evening.venue) for evening in found.performances] == [
        ("Veldhaven", "De Schouw"),
        ("Dijkdorp", "De Kom"),
    ]


@pytest.mark.parametrize(
    ("language", "text"), [("de", "Oper im Dialog"), ("en", "Musical Theatre"), ("fr", "Le Château")]
)
def test_a_programme_a_genre_and_a_piece_of_the_title_are_no_venues(language: str, text: str) -> None:
    body = f"<h1>Le Château de Barbe-Bleue</h1><p>Béla Bartók</p><p>{text}</p><ul><li>22.1.2027, 19:00</li></ul>"
    found = read(body, language)
    assert [production.venue for production in found.productions] == [None]


def test_a_price_category_is_no_venue() -> None:
    body = f"<h1>Tosca</h1><p>Giacomo Puccini</p>{DATES}<table><tr><td>Amphitheater</td><td>48 €</td></tr></table>"
    assert only(read(body)).venue is None


def test_who_wrote_the_play_makes_no_adaptation() -> None:
    body = f"<h1>La Bohème</h1><p>Giacomo Puccini</p><p>Livret de Jean Essai, d’après Paul Essai</p>{DATES}"
    assert only(read(body, "fr")).works == []
