"""Every value is looked up where the answer says it stands, in any printing; pairs are looked up as pairs."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import pytest

from opera_spiders.extraction.confidence import RISKS
from opera_spiders.extraction.extractor import PageToExtract
from opera_spiders.extraction.grounding import Grounding, checked, ground
from opera_spiders.extraction.schema import PageExtraction
from sample_houses.answers import page_extraction
from tests.extraction.located import html_page

TITLE = "<h1>Rusalka</h1><p>Antonín Dvořák</p>"


def page(body: str, language: str = "de", **options: Any) -> PageToExtract:
    return html_page(f"<html lang={language}><head><title>Haus</title></head><body>{body}</body></html>", **options)


def table(*rows: tuple[str, ...]) -> str:
    cells = ("".join(f"<td>{cell}</td>" for cell in row) for row in rows)
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"


def event(start: str) -> str:
    data = f'{{"@type": "Event", "name": "Rusalka", "startDate": "{start}"}}'
    return f"<script type='application/ld+json'>{data}</script>"


def block_of(of: PageToExtract, text: str) -> str:
    return next(block.id for block in of.blocks.blocks if text in block.text)


def answer(*productions: dict[str, Any], block: str = "b2") -> PageExtraction:
    return page_extraction({"page_type": "production", "productions": list(productions)}, block)


def status(grounding: Grounding, pointer: str) -> str:
    found: str = grounding.evidence[pointer]["status"]
    return found


def grounded(of: PageToExtract, name: str, value: Any, block: str) -> tuple[str, str]:
    """Status and quote of one field of a production."""
    found = ground(answer({"opera_title": "Rusalka", name: value}, block=block), of).evidence[f"/productions/0/{name}"]
    return found["status"], found["quote"]


def test_evidence_names_the_block_its_path_and_the_printed_words() -> None:
    of = page("<h1>RUSALKA</h1><p>Musik von Anton&iacute;n Dvo&#345;&aacute;k</p>")
    title, composer = block_of(of, "RUSALKA"), block_of(of, "Musik")

    evidence = ground(answer({"opera_title": "Rusalka", "composer": "Antonin Dvorak"}, block=title), of).evidence

    assert evidence["/productions/0/opera_title"] == {
        "block": title,
        "xpath": next(b.path for b in of.blocks.blocks if b.id == title),
        "quote": "RUSALKA",
        "status": "verified",
    }
    assert evidence["/productions/0/composer"]["quote"] == "Antonín Dvořák"
    assert (evidence["/productions/0/composer"]["block"], evidence["/productions/0/composer"]["status"]) == (
        composer,
        "section",
    )


def test_every_leaf_but_the_block_ids_has_evidence() -> None:
    of = page(TITLE)

    evidence = ground(answer({"opera_title": "Rusalka", "venue": "Nirgends", "is_family": False}), of).evidence

    assert set(evidence) == {
        "/page_type",
        "/productions/0/opera_title",
        "/productions/0/venue",
        "/productions/0/is_family",
    }


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("Franz Muster‑Möst", "Franz Muster-Möst"),
        ("Mar&shy;kéta Vlč&shy;novská", "Markéta Vlčnovská"),
        ("BEISPIEL, Anna", "Anna Beispiel"),
        ("Kovács Béla", "Béla Kovács"),
        ("Anna\n   Beispiel", "Anna Beispiel"),
        ("Zoë O’Neill", "Zoe O'Neill"),
    ],
)
def test_a_name_is_found_in_any_printing(printed: str, value: str) -> None:
    of = page(f"{TITLE}<p>{printed}</p>")

    assert grounded(of, "venue" if " " not in value else "librettist", value, "b2")[0] in ("section", "absent")
    member = {"opera_title": "Rusalka", "cast_members": [{"performer": value}]}
    assert status(ground(answer(member), of), "/productions/0/cast_members/0/performer") == "section"


def test_hidden_text_is_no_evidence() -> None:
    of = page(
        f"{TITLE}<p style='display:none'>Anna Beispiel</p><!-- Anna Beispiel --><p aria-label='Anna Beispiel'>x</p>"
    )

    found = ground(answer({"opera_title": "Rusalka", "cast_members": [{"performer": "Anna Beispiel"}]}), of)

    assert status(found, "/productions/0/cast_members/0/performer") == "absent"


def test_a_value_of_another_productions_section_is_elsewhere() -> None:
    of = page("<h2>Rusalka</h2><p>Großes Haus</p><h2>Tosca</h2><p>Kleines Haus</p>")
    rusalka, tosca = block_of(of, "Rusalka"), block_of(of, "Tosca")
    both = page_extraction(
        {
            "page_type": "calendar",
            "productions": [
                {"opera_title": "Rusalka", "venue": "Kleines Haus"},
                {"opera_title": "Tosca", "venue": "Kleines Haus"},
            ],
        },
        rusalka,
    ).model_dump()
    both["productions"][1]["block"] = tosca

    found = ground(PageExtraction.model_validate(both), of)

    assert status(found, "/productions/0/venue") == "elsewhere"
    assert status(found, "/productions/1/venue") == "section"


def test_a_heading_above_all_productions_is_said_of_each() -> None:
    of = page("<h1>Anna Bauer, Spielzeit 2026/27</h1><h2>Rusalka</h2><p>Rusalka</p><h2>Tosca</h2><p>Floria Tosca</p>")
    values = page_extraction(
        {
            "page_type": "artist",
            "productions": [
                {"opera_title": "Rusalka", "season": "2026/27", "cast_members": [{"performer": "Anna Bauer"}]},
                {"opera_title": "Tosca", "season": "2026/27", "cast_members": [{"performer": "Anna Bauer"}]},
            ],
        },
        block_of(of, "Rusalka"),
    ).model_dump()
    values["productions"][1]["block"] = block_of(of, "Tosca")

    found = ground(PageExtraction.model_validate(values), of)

    for number in (0, 1):
        assert status(found, f"/productions/{number}/season") == "section"
        assert status(found, f"/productions/{number}/cast_members/0/performer") == "section"


def test_an_unknown_block_is_an_error_and_the_page_is_searched() -> None:
    found = ground(answer({"opera_title": "Rusalka"}, block="b99"), page(TITLE))

    assert status(found, "/productions/0/opera_title") == "section"
    assert found.validation_errors[0]["pointer"] == "/productions/0/block"
    assert not found.is_validated


# ---------------------------------------------------------------------------------------------------------- evenings


def evening(of: PageToExtract, date: str, time: str | None, block: str) -> tuple[str, str | None, Grounding]:
    found = ground(
        answer(
            {"opera_title": "Rusalka", "performances": [{"date": date, "time": time, "year_inferred": False}]},
            block=block,
        ),
        of,
    )
    at = "/productions/0/performances/0"
    return status(found, f"{at}/date"), status(found, f"{at}/time") if time else None, found


@pytest.mark.parametrize(
    ("body", "language", "date", "time"),
    [
        ("<p>Sa 13. März 2027, 19.30 Uhr</p>", "de", "2027-03-13", "19:30"),
        ("<p>13/03/27 – 19h30</p>", "fr", "2027-03-13", "19:30"),
        ("<p>2027. március 13., 19 óra</p>", "hu", "2027-03-13", "19:00"),
        ("<p><time datetime='2027-03-13T19:30'>Saturday</time> evening</p>", "en", "2027-03-13", "19:30"),
        ("<h2>13. März 2027, 19.30 Uhr</h2><p>Saturday evening</p>", "de", "2027-03-13", "19:30"),
        ("<h2>März 2027</h2><p>Sa 13.</p><p>19.30 Uhr</p>", "de", "2027-03-13", "19:30"),
        (
            event("2027-03-13T19:30:00+01:00"),
            "de",
            "2027-03-13",
            "19:30",
        ),
    ],
)
def test_an_evening_is_found_in_any_printing(body: str, language: str, date: str, time: str) -> None:
    of = page(f"<h1>Rusalka</h1>{body}", language)

    assert evening(of, date, time, of.blocks.blocks[-1].id if "Saturday" in body else "b99")[:2] in (
        ("verified", "verified"),
        ("section", "section"),
    )


def test_a_time_of_another_evening_is_absent() -> None:
    of = page("<h1>Rusalka</h1><ul><li>13. März 2027, 19.30 Uhr</li><li>14. März 2027, 15.00 Uhr</li></ul>")
    block = block_of(of, "13. März")

    assert evening(of, "2027-03-13", "19:30", block)[:2] == ("verified", "verified")
    assert evening(of, "2027-03-13", "15:00", block)[:2] == ("verified", "absent")


def test_a_date_that_its_block_contradicts_is_absent_though_the_page_prints_it() -> None:
    of = page("<h1>Rusalka</h1><ul><li>13. März 2027, 19.30 Uhr</li><li>14. März 2027, 15.00 Uhr</li></ul>")

    assert evening(of, "2027-03-14", "15:00", block_of(of, "13. März"))[:2] == ("absent", "absent")


@pytest.mark.parametrize(
    ("date", "time"), [("2027-02-31", None), ("13.3.2027", None), ("2027-03-13", "25:00"), ("2027-03-13", "00:00")]
)
def test_an_impossible_date_or_time_is_absent_and_an_error(date: str, time: str | None) -> None:
    of = page(f"<h1>Rusalka</h1><p>13. März 2027 {date} {time}</p>")

    date_status, time_status, found = evening(of, date, time, "b3")

    assert "absent" in (date_status, time_status)
    assert [error["pointer"].rsplit("/", 1)[1] for error in found.validation_errors] == ["time" if time else "date"]


def test_an_evening_under_another_productions_title_is_absent() -> None:
    of = page(
        "<table><tr><td>Sa 13.3.2027</td><td>Rusalka</td></tr><tr><td>So 14.3.2027</td><td>Tosca</td></tr></table>"
    )
    rusalka, tosca = block_of(of, "Rusalka"), block_of(of, "Tosca")
    values = page_extraction(
        {
            "page_type": "calendar",
            "productions": [
                {"opera_title": "Rusalka", "performances": [{"date": "2027-03-14", "year_inferred": False}]},
                {"opera_title": "Tosca"},
            ],
        },
        rusalka,
    ).model_dump()
    values["productions"][0]["performances"][0]["block"] = values["productions"][1]["block"] = tosca

    found = ground(PageExtraction.model_validate(values), of)

    assert status(found, "/productions/0/performances/0/date") == "absent"


@pytest.mark.parametrize(
    ("words", "field", "value", "expected"),
    [
        ("ausverkauft", "availability", "sold_out", "inferred"),
        ("ausverkauft", "availability", "few_left", "absent"),
        ("Entfällt", "status", "cancelled", "inferred"),
        ("", "status", "cancelled", "absent"),
        ("Premiere", "type", "premiere", "inferred"),
        ("", "type", "premiere", "absent"),
    ],
)
def test_an_enum_of_an_evening_needs_words_beside_it(words: str, field: str, value: str, expected: str) -> None:
    of = page(f"<h1>Rusalka</h1><ul><li>13. März 2027 {words}</li><li>14. März 2027 Abgesagt Premiere</li></ul>")
    night = {"date": "2027-03-13", "year_inferred": False, field: value}
    found = ground(answer({"opera_title": "Rusalka", "performances": [night]}, block=block_of(of, "13. März")), of)

    assert status(found, f"/productions/0/performances/0/{field}") == expected


def test_first_and_last_night_need_their_words_or_a_range() -> None:
    of = page("<h1>Rusalka</h1><p>Premiere: 13. März 2027</p><p>14. März 2027</p><p>15. März 2027, zum letzten Mal</p>")

    assert grounded(of, "premiere_date", "2027-03-13", "b2")[0] == "section"
    assert grounded(of, "premiere_date", "2027-03-14", "b2")[0] == "absent"
    assert grounded(of, "closing_date", "2027-03-15", "b2")[0] == "section"
    run = page("<h1>Rusalka</h1><p>13. bis 20. März 2027</p>")
    assert grounded(run, "closing_date", "2027-03-20", "b2")[0] == "section"


# ------------------------------------------------------------------------------------------------------------ people

CASTS = {
    "role and name in a row": table(("Rusalka", "Anna Bauer"), ("Prinz", "Carl Dorn")),
    "name and role in a row": table(("Anna Bauer", "Rusalka"), ("Carl Dorn", "Prinz")),
    "definition list": "<dl><dt>Rusalka</dt><dd>Anna Bauer</dd><dt>Prinz</dt><dd>Carl Dorn</dd></dl>",
    "colons in one line": "<p>Rusalka: Anna Bauer, Prinz: Carl Dorn</p>",
    "brackets": "<p>Anna Bauer (Rusalka), Carl Dorn (Prinz)</p>",
    "lines of one paragraph": "<p>Rusalka<br>Anna Bauer<br>Prinz<br>Carl Dorn</p>",
    "lines of their own": "<p>Rusalka</p><p>Anna Bauer</p><p>Prinz</p><p>Carl Dorn</p>",
    "spans": "<ul><li><b>Rusalka</b> <i>Anna Bauer</i></li><li><b>Prinz</b> <i>Carl Dorn</i></li></ul>",
}


@pytest.mark.parametrize("cast", CASTS.values(), ids=CASTS)
def test_a_role_is_verified_with_its_performer(cast: str) -> None:
    of = page(f"<h1>Oper</h1><h2>Besetzung</h2>{cast}")
    true = [{"performer": "Anna Bauer", "role": "Rusalka"}, {"performer": "Carl Dorn", "role": "Prinz"}]
    swapped = [{"performer": "Anna Bauer", "role": "Prinz"}, {"performer": "Carl Dorn", "role": "Rusalka"}]

    kept = ground(answer({"opera_title": "Oper", "cast_members": true}, block="b2"), of)
    lied = ground(answer({"opera_title": "Oper", "cast_members": swapped}, block="b2"), of)

    for number in (0, 1):
        assert status(kept, f"/productions/0/cast_members/{number}/role") == "section"
        assert status(lied, f"/productions/0/cast_members/{number}/role") == "absent"
        assert status(lied, f"/productions/0/cast_members/{number}/performer") == "section"


@pytest.mark.parametrize(
    ("body", "language"),
    [
        ("<p>Musikalische Leitung: Anna Bauer, Regie: Carl Dorn</p>", "de"),
        (
            table(("Dirigent", "Anna Bauer"), ("Inszenierung", "Carl Dorn")),
            "de",
        ),
        ("<p>Direction musicale</p><p>Anna Bauer</p><p>Mise en scène</p><p>Carl Dorn</p>", "fr"),
        ("<p>Anna Bauer (Conductor)<br>Carl Dorn (Director)</p>", "en"),
        ("<p>Hudební nastudování: Anna Bauer</p><p>Režie: Carl Dorn</p>", "cs"),
        (
            table(("Licht", "Emil Fuchs"), ("Dirigat", "Anna Bauer"), ("Regie", "Carl Dorn")),
            "en",
        ),
    ],
)
def test_a_function_needs_a_label_of_the_language_beside_the_name(body: str, language: str) -> None:
    of = page(f"<h1>Oper</h1>{body}", language)
    true = [{"name": "Anna Bauer", "function": "conductor"}, {"name": "Carl Dorn", "function": "director"}]
    swapped = [{"name": "Anna Bauer", "function": "director"}, {"name": "Carl Dorn", "function": "conductor"}]

    kept = ground(answer({"opera_title": "Oper", "creative_team": true}, block="b2"), of)
    lied = ground(answer({"opera_title": "Oper", "creative_team": swapped}, block="b2"), of)

    for number in (0, 1):
        assert status(kept, f"/productions/0/creative_team/{number}/function") == "section"
        assert status(lied, f"/productions/0/creative_team/{number}/function") == "absent"


def test_one_label_may_credit_several_functions() -> None:
    of = page("<h1>Oper</h1><table><tr><td>Inszenierung, Bühne &amp; Kostüme</td><td>Anna Bauer</td></tr></table>")
    team = [
        {"name": "Anna Bauer", "function": f}
        for f in ("director", "set_designer", "costume_designer", "lighting_designer")
    ]

    found = ground(answer({"opera_title": "Oper", "creative_team": team}), of)

    statuses = [status(found, f"/productions/0/creative_team/{n}/function") for n in range(4)]
    assert statuses == ["section", "section", "section", "absent"]


def test_a_group_under_the_label_of_its_master_is_a_group() -> None:
    of = page("<h1>Oper</h1><table><tr><td>Chor</td><td>Chor der Oper</td></tr></table>")

    found = ground(
        answer({"opera_title": "Oper", "creative_team": [{"name": "Chor der Oper", "function": "chorus"}]}), of
    )

    assert status(found, "/productions/0/creative_team/0/function") in ("section", "inferred")


def test_a_director_is_no_performer() -> None:
    of = page("<h1>Oper</h1><p>Regie: Carl Dorn</p>")

    found = ground(answer({"opera_title": "Oper", "cast_members": [{"performer": "Carl Dorn", "role": "Regie"}]}), of)

    assert status(found, "/productions/0/cast_members/0/performer") == "absent"
    assert status(found, "/productions/0/cast_members/0/role") == "absent"


NIGHTS = {
    "brackets": "<p>Rusalka: Anna Bauer (13., 15. März 2027) / Eva Lang (14. März 2027)</p>",
    "headings": "<h3>13. März 2027</h3><p>Rusalka: Anna Bauer</p><h3>14. März 2027</h3><p>Rusalka: Eva Lang</p>"
    "<h3>15. März 2027</h3><p>Rusalka: Anna Bauer</p>",
    "columns": "<table><tr><td></td><td>13.3.2027</td><td>14.3.2027</td><td>15.3.2027</td></tr>"
    "<tr><td>Rusalka</td><td>Anna Bauer</td><td>Eva Lang</td><td>Anna Bauer</td></tr></table>",
    "footnotes": "<p>Rusalka: Anna Bauer*, Eva Lang°</p><p>* 13. und 15. März 2027</p><p>° 14. März 2027</p>",
}


@pytest.mark.parametrize(
    "body", [NIGHTS["brackets"], NIGHTS["headings"], NIGHTS["footnotes"]], ids=["brackets", "headings", "footnotes"]
)
def test_a_night_is_verified_with_the_performer(body: str) -> None:
    of = page(f"<h1>Oper</h1>{body}")
    true = [
        {"performer": "Anna Bauer", "role": "Rusalka", "nights": [{"date": "2027-03-13"}, {"date": "2027-03-15"}]},
        {"performer": "Eva Lang", "role": "Rusalka", "nights": [{"date": "2027-03-14"}]},
    ]
    swapped = [
        {"performer": "Anna Bauer", "role": "Rusalka", "nights": [{"date": "2027-03-14"}]},
        {"performer": "Eva Lang", "role": "Rusalka", "nights": [{"date": "2027-03-13"}]},
    ]

    kept = ground(answer({"opera_title": "Oper", "cast_members": true}), of)
    lied = ground(answer({"opera_title": "Oper", "cast_members": swapped}), of)

    for pointer in ("0/nights/0", "0/nights/1", "1/nights/0"):
        assert status(kept, f"/productions/0/cast_members/{pointer}/date") == "section"
    for pointer in ("0/nights/0", "1/nights/0"):
        assert status(lied, f"/productions/0/cast_members/{pointer}/date") == "absent"


def test_the_whole_run_may_be_spelled_out_but_not_a_part_of_it() -> None:
    of = page(
        "<h1>Oper</h1><ul><li>13. März 2027</li><li>14. März 2027</li></ul><h2>Besetzung</h2><p>Rusalka: Anna Bauer</p>"
    )
    nights = [{"date": "2027-03-13"}, {"date": "2027-03-14"}]

    def dates(of_member: list[dict[str, str]]) -> list[str]:
        values = answer(
            {
                "opera_title": "Oper",
                "performances": [{**night, "year_inferred": False} for night in nights],
                "cast_members": [{"performer": "Anna Bauer", "role": "Rusalka", "nights": of_member}],
            },
            block="b99",
        )
        found = ground(values, of)
        return [status(found, f"/productions/0/cast_members/0/nights/{n}/date") for n in range(len(of_member))]

    assert dates(nights) == ["section", "section"]
    assert dates(nights[:1]) == ["absent"]


# ------------------------------------------------------------------------------------------------- prices and the rest


def test_an_amount_is_verified_with_its_category() -> None:
    of = page("<h1>Oper</h1><table><tr><td>Parkett</td><td>95 €</td></tr><tr><td>Rang</td><td>12 €</td></tr></table>")

    def statuses(category: str, amount: float) -> tuple[str, str]:
        price = {
            "category": category,
            "min": amount,
            "max": amount,
            "currency": "EUR",
            "qualifier": "exact",
            "kind": "paid",
        }
        found = ground(answer({"opera_title": "Oper", "ticket_prices": [price]}), of)
        at = "/productions/0/ticket_prices/0"
        return status(found, f"{at}/min"), status(found, f"{at}/category")

    assert statuses("Parkett", 95) == ("section", "section")
    assert statuses("Parkett", 12) == ("absent", "absent")
    assert statuses("Rang", 13) == ("absent", "absent")


def test_a_range_and_its_currency_are_found() -> None:
    of = page("<h1>Oper</h1><p>Preise: 12 – 84 €</p>")
    price = {"min": 12, "max": 84, "currency": "EUR", "qualifier": "exact", "kind": "paid"}

    found = ground(answer({"opera_title": "Oper", "ticket_prices": [price]}), of)

    assert [status(found, f"/productions/0/ticket_prices/0/{n}") for n in ("min", "max", "currency")] == ["section"] * 3
    assert (
        status(
            ground(answer({"opera_title": "Oper", "ticket_prices": [{**price, "currency": "CHF"}]}), of),
            "/productions/0/ticket_prices/0/currency",
        )
        == "absent"
    )


@pytest.mark.parametrize(
    ("field", "value", "words", "expected"),
    [
        ("duration_minutes", 140, "Dauer: ca. 2 Stunden 20 Minuten", "section"),
        ("duration_minutes", 150, "Dauer: ca. 2 Stunden 20 Minuten", "absent"),
        ("duration_minutes", 120, "13. März 2027, 19:00–21:00", "inferred"),
        ("intermissions", 1, "eine Pause", "section"),
        ("intermissions", 2, "eine Pause", "absent"),
        ("language", "it", "in italienischer Sprache mit deutschen Übertiteln", "inferred"),
        ("language", "de", "in italienischer Sprache mit deutschen Übertiteln", "absent"),
        ("production_type", "new", "Neuinszenierung", "inferred"),
        ("production_type", "revival", "Neuinszenierung", "absent"),
        ("presentation", "concert", "Konzertante Aufführung", "inferred"),
        ("presentation", "concert", "", "absent"),
        ("genre", "operetta", "Operette in drei Akten", "inferred"),
        ("genre", "ballet", "Operette in drei Akten", "absent"),
        ("is_family", True, "Familienoper", "inferred"),
        ("is_family", True, "", "absent"),
        ("is_family", False, "", "inferred"),
        ("is_world_premiere", True, "Uraufführung", "inferred"),
        ("is_world_premiere", True, "Premiere", "absent"),
        ("season", "2026/27", "Spielzeit 2026-2027", "section"),
        ("season", "2025/26", "Spielzeit 2026-2027", "absent"),
    ],
)
def test_a_production_value_needs_its_words(field: str, value: Any, words: str, expected: str) -> None:
    of = page(f"<h1>Rusalka</h1><p>{words or 'Nixe'}</p>")

    assert grounded(of, field, value, "b2")[0] == expected


def test_a_name_is_found_in_another_grammatical_case() -> None:
    of = page("<h1>Евгений Онегин</h1><p>Опера Петра Чайковского</p>", "ru")

    assert grounded(of, "librettist", "Петр Чайковский", "b2")[0] in ("section", "absent")
    assert grounded(of, "composer", "Петр Чайковский", "b2")[0] == "section"


def test_a_known_composers_surname_speaks_for_him() -> None:
    of = page("<h1>Tosca</h1><p>Puccinis Meisterwerk von Puccini</p>")

    assert grounded(of, "composer", "Giacomo Puccini", "b2") == ("inferred", "Puccini")
    assert grounded(of, "composer", "Giuseppe Verdi", "b2")[0] == "absent"


def test_a_ticket_address_must_be_a_link_of_the_page() -> None:
    of = page("<h1>Rusalka</h1><p>13. März 2027 <a href='https://tickets.example/1'>Karten</a></p>")
    block = block_of(of, "13. März")

    def link(url: str) -> str:
        night = {"date": "2027-03-13", "year_inferred": False, "ticket_url": url}
        return status(
            ground(answer({"opera_title": "Rusalka", "performances": [night]}, block=block), of),
            "/productions/0/performances/0/ticket_url",
        )

    assert link("https://tickets.example/1") == "verified"
    assert link("https://tickets.example/2") == "absent"


def test_an_instant_in_utc_is_an_evening_at_the_venue() -> None:
    of = PageToExtract(
        page(event("2027-03-13T18:30:00Z")).blocks,
        dt.datetime(2026, 11, 24, tzinfo=dt.UTC),
        "oper-frankfurt.de",
    )

    assert evening(of, "2027-03-13", "19:30", "b2")[:2] == ("verified", "verified")


def test_figures_of_a_year_are_found() -> None:
    of = page(table(("Karteneinnahmen", "12.345"), ("Aufwand", "(8.200,5)")) + "<p>Geschäftsjahr 2025</p>")
    values = page_extraction(
        {
            "page_type": "financial",
            "financials": [
                {"fiscal_year": "2025", "ticket_revenue": 12345, "total_expenses": 8200.5, "artist_fees": 77}
            ],
        },
        "b2",
    )

    found = ground(values, of)

    assert status(found, "/financials/0/ticket_revenue") == "verified"
    assert status(found, "/financials/0/artist_fees") == "absent"


def test_confidence_falls_with_every_risk_that_the_evidence_shows() -> None:
    of = page(TITLE)

    sure = ground(answer({"opera_title": "Rusalka"}), of).confidence_score
    half = ground(answer({"opera_title": "Rusalka", "venue": "Nirgends"}), of).confidence_score

    assert sure == Decimal("1.00")
    risk = RISKS["stated value"] + RISKS["any absent value"] + RISKS["absent value"]
    assert half == Decimal(math.exp(-risk)).quantize(Decimal("0.01"))
    assert half < Decimal("0.50"), "such an answer is one to look at"
    assert ground(page_extraction({"page_type": "other"}), of).confidence_score == Decimal("0.50")


def test_an_extraction_carries_answer_and_evidence() -> None:
    row = checked(answer({"opera_title": "Rusalka"}), page(TITLE), extraction_version="v", llm_model="rules")

    assert row.error is None
    assert row.raw_response is not None and row.raw_response["productions"][0]["opera_title"] == "Rusalka"
    assert row.evidence["/productions/0/opera_title"]["status"] == "verified"
    assert (row.extraction_version, row.llm_model, row.is_validated) == ("v", "rules", True)


def member(performer: str, role: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"opera_title": "Tosca", "cast_members": [{"performer": performer, "role": role, **fields}]}


MEMBER = "/productions/0/cast_members/0"


@pytest.mark.parametrize(
    ("body", "performer"),
    [
        (table(("Mario Cavaradossi", "Bert Tenor")), "Cavaradossi Bert"),
        ("<p>Der Mesner<br>Bertram Volkhardt</p>", "Der Mesner Bertram Volkhardt"),
        (table(("Mario Cavaradossi", "Bert Tenor")), "Mario Cavaradossi Bert Tenor"),
    ],
)
def test_no_name_reaches_over_the_border_of_a_cell_or_line(body: str, performer: str) -> None:
    of = page(f"<h1>Tosca</h1>{body}")

    assert status(ground(answer(member(performer)), of), f"{MEMBER}/performer") == "absent"


def test_a_title_may_be_printed_on_two_lines() -> None:
    of = page("<h1>Der fliegende<br>Holländer</h1>")

    assert (
        status(ground(answer({"opera_title": "Der fliegende Holländer"}), of), "/productions/0/opera_title") != "absent"
    )


def test_the_block_written_down_is_the_one_that_prints_the_quote() -> None:
    of = page("<h1>Tosca</h1><p>Der Mesner</p><p>Bertram Volkhardt</p>")
    own = block_of(of, "Bertram")

    role = ground(answer(member("Bertram Volkhardt", "Der Mesner"), block=own), of).evidence[f"{MEMBER}/role"]

    assert (role["block"], role["quote"], role["status"]) == (block_of(of, "Mesner"), "Der Mesner", "verified")


@pytest.mark.parametrize(
    ("title", "rows", "members"),
    [
        ("Tosca", [("Floria Tosca", "Anna Sopran")], [("Floria Tosca", "Anna Sopran")]),
        (
            "Der Neue",
            [("Der Wirt", "Carl Bariton"), ("Die Magd", "Dora Alt"), ("Der Gast", "Emil Bass")],
            [("Der Wirt", "Carl Bariton"), ("Dora Alt", "Die Magd"), ("Emil Bass", "Der Gast")],
        ),
    ],
)
def test_a_role_taken_for_its_performer_is_absent(
    title: str, rows: list[tuple[str, str]], members: list[tuple[str, str]]
) -> None:
    of = page(f"<h1>{title}</h1>{table(*rows)}")
    cast = [{"performer": performer, "role": role} for performer, role in members]

    grounding = ground(answer({"opera_title": title, "cast_members": cast}), of)

    found = [
        status(grounding, f"/productions/0/cast_members/{n}/{f}")
        for n in range(len(cast))
        for f in ("performer", "role")
    ]
    assert found == ["absent"] * 2 + ["section"] * 2 * (len(cast) - 1)


def test_people_and_prices_of_another_production_are_absent_even_where_their_block_is_named() -> None:
    sections = (
        f"<h2>{title}</h2>{table((role, name))}<p>Dirigent: {conductor}</p><p>Karten {price} €</p>"
        for title, role, name, conductor, price in (
            ("Tosca", "Floria Tosca", "Anna Sopran", "Carla Takt", 20),
            ("Carmen", "Carmen", "Gina Mezzo", "Emil Stab", 30),
        )
    )
    of = page("<h1>Spielzeit</h1>" + "".join(sections))
    taken: dict[str, Any] = {
        "cast_members": [{"performer": "Gina Mezzo", "role": "Carmen"}],
        "creative_team": [{"name": "Emil Stab", "function": "conductor"}],
        "ticket_prices": [{"min": 30, "max": 30, "currency": "EUR"}],
    }
    whole = answer({**taken, "opera_title": "Tosca"}, {**taken, "opera_title": "Carmen"}).model_dump()
    for production in whole["productions"]:
        production["block"] = block_of(of, production["opera_title"])
        for name, words in (("cast_members", "Gina"), ("creative_team", "Emil"), ("ticket_prices", "30")):
            production[name][0]["block"] = block_of(of, words)

    grounding = ground(PageExtraction.model_validate(whole), of)

    leaves = ("cast_members/0/performer", "cast_members/0/role", "creative_team/0/name", "ticket_prices/0/min")
    assert [status(grounding, f"/productions/0/{leaf}") for leaf in leaves] == ["absent"] * 4
    assert [status(grounding, f"/productions/1/{leaf}") for leaf in leaves] == ["verified"] * 4


@pytest.mark.parametrize(
    ("body", "amount", "expected"),
    [
        ("<p>2 Stunden 45 Minuten, 2 Pausen</p>", 45, "absent"),
        ("<p>2 Stunden 45 Minuten, 2 Pausen</p>", 2, "absent"),
        (table(("Parkett", "120")), 120, "absent"),
        (table(("Platz", "Preis"), ("Parkett", "120")), 120, "section"),
        (table(("Parkett", "120 €")), 120, "section"),
        ("<h2>Preise</h2><p>120 / 90 / 45</p>", 90, "section"),
        ("<h2>Preise</h2><p>Dauer: 2 Stunden 45 Minuten</p>", 45, "absent"),
    ],
)
def test_a_number_is_a_price_only_where_the_page_speaks_of_prices(body: str, amount: int, expected: str) -> None:
    of = page(f"<h1>Rusalka</h1>{body}")
    for number in (block.id for block in of.blocks.blocks if str(amount) in block.text):
        price = {"min": amount, "currency": "EUR", "category": "Parkett" if "Parkett" in body else None}
        whole = answer({"opera_title": "Rusalka", "ticket_prices": [price]}, block=number)
        found = status(ground(whole, of), "/productions/0/ticket_prices/0/min")
        assert found == ("verified" if expected == "section" else expected)


def test_a_voice_type_under_the_heading_with_the_name_is_said_of_each_production_below() -> None:
    body = "<h1>Anna Sopran</h1><p>Mezzo</p><h2>Spielzeit</h2><h3>Tosca</h3><p>Floria Tosca</p><h3>Carmen</h3><p>Carmen</p>"
    of = page(body)
    tosca = member("Anna Sopran", "Floria Tosca", voice_type="Mezzo")
    carmen = {**member("Berta Alt", "Carmen", voice_type="Mezzo"), "opera_title": "Carmen"}
    whole = answer(tosca, carmen).model_dump()
    for production in whole["productions"]:
        own = next(b.id for b in of.blocks.blocks if b.kind == "h3" and b.text == production["opera_title"])
        production["block"] = production["cast_members"][0]["block"] = own

    grounding = ground(PageExtraction.model_validate(whole), of)

    assert status(grounding, f"{MEMBER}/voice_type") == "section"
    assert status(grounding, "/productions/1/cast_members/0/voice_type") == "elsewhere"


@pytest.mark.parametrize(
    ("head", "multiplier", "expected"),
    [
        ("Umsatz in T€", 1000, "inferred"),
        ("in thousands of pounds", 1000, "inferred"),
        ("£’000", 1000, "inferred"),
        ("Beträge in Tsd. Euro", 1000, "inferred"),
        ("Umsatz in Mio. €", 1_000_000, "inferred"),
        ("Umsatz in €", 1000, "absent"),
        ("Umsatz in T€", 1_000_000, "absent"),
        ("Umsatz in €", 1, "inferred"),
    ],
)
def test_figures_are_counted_in_thousands_only_where_words_say_so(head: str, multiplier: int, expected: str) -> None:
    of = page(f"<h1>{head}</h1>{table(('Umsatz', '1.200.000'))}")
    year = {"fiscal_year": "2024", "unit_multiplier": multiplier, "total_revenue": 1_200_000}
    whole = page_extraction({"page_type": "financial", "financials": [year]}, "b2")

    assert status(ground(whole, of), "/financials/0/unit_multiplier") == expected
