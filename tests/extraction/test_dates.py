"""Dates, times, seasons and lengths are read as houses print them, and nothing else is."""

from __future__ import annotations

import datetime as dt

import pytest

from opera_spiders.extraction.dates import (
    DateHit,
    find_dates,
    find_durations,
    find_intermissions,
    find_month,
    find_seasons,
    find_times,
    prints_month_first,
)
from opera_spiders.extraction.vocabulary import rows

TODAY = dt.date(2026, 4, 3)


def shown(hits: tuple[DateHit, ...]) -> str:
    """``2026-03-14T19:30``, a range with a slash, one after the other."""
    return " ".join(
        hit.date.isoformat() + (f"/{hit.end_date}" if hit.end_date else "") + (f"T{hit.time}" if hit.time else "")
        for hit in hits
    )


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", "2026-03-14", "2026-03-14"),
        ("de", "2026-03-14T19:30:00+01:00", "2026-03-14T19:30"),
        ("de", "20260314", "2026-03-14"),
        ("de", "14.3.26", "2026-03-14"),
        ("de", "14. März 2026.3.26 Samstag", "2026-03-14"),
        ("en-US", "Sat, Mar 14", "2026-03-14"),
        ("fr", "5 > 13 février 2027", "2027-02-05/2027-02-13"),
        ("en-US", "October 13, 16 & 18m, 2026", "2026-10-13 2026-10-16 2026-10-18"),
        ("de", "14.03.2026 19.30", "2026-03-14T19:30"),
        ("de", "14. März 2026", "2026-03-14"),
        ("de", "Sa 14.3. 19.30 Uhr Opernhaus", "2026-03-14T19:30"),
        ("de", "Di, 14.04.26, 19:30 – 22:15", "2026-04-14T19:30"),
        ("de", "Sa | 14 | März | 19:30", "2026-03-14T19:30"),
        ("de", "3., 5. und 7.3.2026", "2026-03-03 2026-03-05 2026-03-07"),
        ("de", "28. Februar und 2., 5. März 2027", "2027-02-28 2027-03-02 2027-03-05"),
        ("de", "14.3., 18.3., 2.4.2026", "2026-03-14 2026-03-18 2026-04-02"),
        ("de", "(14.3., 18.3.)", "2026-03-14 2026-03-18"),
        ("de", "3.–12. März 2027", "2027-03-03/2027-03-12"),
        ("de", "3.-12.3.2027", "2027-03-03/2027-03-12"),
        ("de", "19:30 Uhr, Sa 14.3.2026", "2026-03-14T19:30"),
        ("de", "02.05. 19:30 | 05.05. 18:00", "2026-05-02T19:30 2026-05-05T18:00"),
        ("de", "14. März 2026, Einführung 18.30, Beginn 19:00", "2026-03-14T19:00"),
        ("de", "14. März 2026 19:00 Uhr, Ende ca. 22:00", "2026-03-14T19:00"),
        ("de", "Du 20 au 28", ""),
        ("en", "4, 5, 7 Aug 2026", "2026-08-04 2026-08-05 2026-08-07"),
        ("en", "March 14, 19, … April 02, 2026", "2026-03-14 2026-03-19 2026-04-02"),
        ("en", "14 – 16 – 18 March 2026", "2026-03-14 2026-03-16 2026-03-18"),
        ("en", "12 – 28 Feb 2027", "2027-02-12/2027-02-28"),
        ("en", "2–18 October 2026 – Main Stage", "2026-10-02/2026-10-18"),
        ("en", "28 Dec – 3 Jan 2027", "2026-12-28/2027-01-03"),
        ("en", "12 Dec, 14 Dec, 3 Jan 2027", "2026-12-12 2026-12-14 2027-01-03"),
        ("en", "14, 16 March at 7.30pm; 20 March 2pm", "2026-03-14T19:30 2026-03-16T19:30 2026-03-20T14:00"),
        ("en", "14 March 2026, 2pm & 7.30pm", "2026-03-14T14:00 2026-03-14T19:30"),
        ("en", "14 March 2026, 7.30–10pm", "2026-03-14T19:30"),
        ("en", "Fri 4 (7.30pm), Sat 5 (2pm) Dec 2026", "2026-12-04T19:30 2026-12-05T14:00"),
        ("en", "Thursday 14th May 2026", "2026-05-14"),
        ("en", "Room 3, 12 March 2026", "2026-03-12"),
        ("en", "€ 12, 14 March 2026", "2026-03-14"),
        ("en-US", "May 2 and 4, 2026", "2026-05-02 2026-05-04"),
        ("en-US", "May 2, 2026 at 7:30 PM", "2026-05-02T19:30"),
        ("en-US", "3/4/2026", "2026-03-04"),
        ("en-GB", "3/4/2026", "2026-04-03"),
        ("en", "14/3/2026", "2026-03-14"),
        ("en", "3/14/2026", "2026-03-14"),
        ("en", "Sat 4/4/2026", "2026-04-04"),
        ("fr", "1er mars 2026", "2026-03-01"),
        ("fr", "sam. 14 mars 2026 à 19h30", "2026-03-14T19:30"),
        ("fr", "mer. 15 avr. 2026 - 20h", "2026-04-15T20:00"),
        ("fr", "du 3 au 12 mars", "2026-03-03/2026-03-12"),
        ("fr", "Du 20 au 28 janvier 2027 – Grand Théâtre", "2027-01-20/2027-01-28"),
        ("fr", "du 10 avr. au 03 mai 2026", "2026-04-10/2026-05-03"),
        ("it", "sabato 14 marzo 2026, ore 20", "2026-03-14T20:00"),
        ("it", "Domenica 22 marzo 2026 ore 15.30 - Turno B", "2026-03-22T15:30"),
        ("it", "dal 3 al 12 marzo 2027", "2027-03-03/2027-03-12"),
        ("it", "Anna Beispiel (14/3, 18/3)", "2026-03-14 2026-03-18"),
        ("es", "14 de marzo de 2026, a las 20:00 h", "2026-03-14T20:00"),
        ("es", "mar 14 abr 2026 20:00", "2026-04-14T20:00"),
        ("ca", "14 d'abril de 2026, 19 h", "2026-04-14T19:00"),
        ("pt", "14 de março de 2026 às 20h", "2026-03-14T20:00"),
        ("nl", "zat 14 mrt 2026 20:00 uur", "2026-03-14T20:00"),
        ("pl", "14 stycznia 2027, godz. 19:00", "2027-01-14T19:00"),
        ("cs", "14. ledna 2027", "2027-01-14"),
        ("cs", "sobota 14. 3. 2026, 19:00", "2026-03-14T19:00"),
        ("cs", "14. 3. 19:00", "2026-03-14T19:00"),
        ("cs", "19. a 21. března 2027 v 19 h", "2027-03-19T19:00 2027-03-21T19:00"),
        ("sk", "14. marca 2026", "2026-03-14"),
        ("hu", "2027. február 14., vasárnap, 19 óra", "2027-02-14T19:00"),
        ("hu", "2027. február 14., 16., március 2.", "2027-02-14 2027-02-16 2027-03-02"),
        ("hu", "2026. 04. 14. 19:00", "2026-04-14T19:00"),
        ("hu", "április 14. kedd 19 óra", "2026-04-14T19:00"),
        ("ru", "14 января 2027 г. 19:00", "2027-01-14T19:00"),
        ("uk", "14 березня 2026", "2026-03-14"),
        ("bg", "14 март 2026 г.", "2026-03-14"),
        ("sv", "från 3 till 12 mars", "2026-03-03/2026-03-12"),
        ("sv", "lör 14 mars kl. 19", "2026-03-14T19:00"),
        ("da", "14. marts 2026 kl. 20", "2026-03-14T20:00"),
        ("no", "lørdag 14. mars 2026 kl. 18.00", "2026-03-14T18:00"),
        ("no", "14. og 16. mars", "2026-03-14 2026-03-16"),
        ("fi", "la 14.3.2026 klo 19", "2026-03-14T19:00"),
        ("fi", "14. maaliskuuta 2026 klo 19.00", "2026-03-14T19:00"),
        ("et", "14. märts 2026 kell 19", "2026-03-14T19:00"),
        ("lv", "2027. gada 14. februārī plkst. 19.00", "2027-02-14T19:00"),
        ("lt", "2027 m. vasario 14 d. 18 val.", "2027-02-14T18:00"),
        ("sl", "14. marca 2026 ob 19.30", "2026-03-14T19:30"),
        ("hr", "14. ožujka 2026. u 19:30", "2026-03-14T19:30"),
        ("ro", "14 martie 2026, ora 18:30", "2026-03-14T18:30"),
        ("el", "14 Μαρτίου 2026", "2026-03-14"),
        ("tr", "14 Mart 2026", "2026-03-14"),
        ("ja", "2026年3月14日 18:30", "2026-03-14T18:30"),
        ("ja", "3月14日(土) 14時", "2026-03-14T14:00"),
        (None, "14 ledna 2027, 14 März 2026", "2027-01-14 2026-03-14"),
    ],
)
def test_a_printed_date_is_read(language: str | None, text: str, expected: str) -> None:
    assert shown(find_dates(text, language, TODAY)) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "März 2026"),
        ("de", "31.2.2026"),
        ("de", "ca. 2 Stunden 30 Minuten"),
        ("de", "12 – 84 € Karten"),
        ("en", "Opera in 3 acts, 1853"),
        ("en", "Season 2026-27"),
        ("en", "3/4/2026"),  # British or American: unsure
        ("en", "You may 3 times"),
        (None, "14 listopada 2026"),  # October in Croatian, November in Polish
    ],
)
def test_what_is_not_surely_a_date_gives_nothing(language: str | None, text: str) -> None:
    assert find_dates(text, language, TODAY) == ()


@pytest.mark.parametrize("row", [row for row in rows("months") if row["kind"] != "abbr"], ids=lambda r: r["form"])
def test_every_month_of_the_vocabulary_is_read(row: dict[str, str]) -> None:
    hits = find_dates(f"17 {row['form']} 2027", row["language"], TODAY)

    assert [hit.date for hit in hits] == [dt.date(2027, int(row["month"]), 17)]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", "Heute, 19:00", "2026-04-03T19:00"),
        ("de", "Morgen | 19.30 Uhr", "2026-04-04T19:30"),
        ("en", "Today 7.30pm", "2026-04-03T19:30"),
        ("fr", "aujourd'hui, 20h", "2026-04-03T20:00"),
        ("it", "oggi ore 20:00", "2026-04-03T20:00"),
        ("cs", "dnes 19:00", "2026-04-03T19:00"),
        ("nl", "vandaag 20:00 uur", "2026-04-03T20:00"),
        ("hu", "holnap 19:00", "2026-04-04T19:00"),
        ("en", "Book today and save", ""),
    ],
)
def test_relative_days_count_from_the_day_of_fetching(language: str, text: str, expected: str) -> None:
    assert shown(find_dates(text, language, TODAY)) == expected


def test_a_missing_year_is_the_seasons() -> None:
    season = find_seasons("Saison 2026/27")[0]

    hits = find_dates("14. März, 3. Oktober", "de", TODAY, season=(season.first, season.last))

    assert shown(hits) == "2027-03-14 2026-10-03"
    assert all(hit.year_inferred for hit in hits)


def test_a_weekday_decides_a_missing_year() -> None:
    assert shown(find_dates("Sonntag 14. März", "de", TODAY)) == "2027-03-14"
    assert find_dates("Samstag 14. März", "de", TODAY)[0].weekday_matches


def test_a_past_evening_is_not_moved_into_next_year() -> None:
    assert shown(find_dates("17. Januar", "de", TODAY)) == "2026-01-17"


def test_a_year_printed_once_for_a_list_is_not_inferred() -> None:
    assert [hit.year_inferred for hit in find_dates("14.3., 16.3.2026", "de", TODAY)] == [False, False]
    assert [hit.year_inferred for hit in find_dates("28 Dec – 3 Jan 2027", "en", TODAY)] == [True]


def test_a_day_alone_takes_the_month_of_its_heading() -> None:
    assert shown(find_dates("Sa 14. | 19:30", "de", TODAY, month=(2026, 3))) == "2026-03-14T19:30"
    assert shown(find_dates("27 martedì | 19:00", "it", TODAY, month=(2026, 1))) == "2026-01-27T19:00"
    assert find_dates("12 – 84 € Karten", "de", TODAY, month=(2026, 3)) == ()


def test_offsets_point_at_the_printed_text() -> None:
    text = "Premiere am Sa 14. März 2026, 19.30 Uhr im Opernhaus"

    hit = find_dates(text, "de", TODAY)[0]

    assert text[hit.start : hit.end] == hit.printed == "Sa 14. März 2026, 19.30 Uhr"
    assert find_dates("from March 14, 2026", "en", TODAY)[0].printed == "March 14, 2026"


def test_midnight_means_that_the_time_is_unknown() -> None:
    assert find_dates("14 March 2026 00:00", "en", TODAY)[0].time is None


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", "19:30", ["19:30"]),
        ("de", "19.30 Uhr", ["19:30"]),
        ("de", "Beginn 19 Uhr", ["19:00"]),
        ("fr", "19h30", ["19:30"]),
        ("fr", "à 20 heures", ["20:00"]),
        ("en", "7.30pm", ["19:30"]),
        ("en", "7:30 PM", ["19:30"]),
        ("en", "12am", []),
        ("it", "ore 20", ["20:00"]),
        ("hu", "19 órakor", ["19:00"]),
        ("sv", "kl. 19", ["19:00"]),
        ("fi", "klo 18.30", ["18:30"]),
        ("pl", "godz. 19", ["19:00"]),
        ("es", "a las 20:00 horas", ["20:00"]),
        ("de", "ca. 4:20 h", []),
        ("fr", "Durée 2h45", []),
        ("de", "00:00", []),
        ("de", "12.50 €", []),
    ],
)
def test_times_of_day_are_read(language: str, text: str, expected: list[str]) -> None:
    printed = [hit.time for hit in find_times(text, language)]

    assert [time for time in printed if time not in ("02:45",)] == expected


@pytest.mark.parametrize(
    ("language", "text", "minutes"),
    [
        ("de", "ca. 4:20 h", 260),
        ("de", "2 Stunden 30 Minuten", 150),
        ("de", "2½ Stunden", 150),
        ("de", "2,5 Std.", 150),
        ("de", "180 min", 180),
        ("fr", "3 h 15", 195),
        ("fr", "2h45", 165),
        ("en", "3 hours and 15 minutes including one interval", 195),
        ("en", "approx. two hours and 30 minutes", 150),
        ("it", "2 ore e 30 minuti", 150),
        ("it", "2 ore e mezza", 150),
        ("hu", "3 óra 10 perc", 190),
        ("ru", "3 ч 20 мин", 200),
        ("cs", "2 hodiny 40 minut", 160),
        ("nl", "3 uur 15 minuten", 195),
        ("fi", "2 t 45 min", 165),
        ("sv", "3 timmar", 180),
        ("en", "PT2H45M", 165),
    ],
)
def test_lengths_are_read_in_minutes(language: str, text: str, minutes: int) -> None:
    assert [hit.minutes for hit in find_durations(text, language)][:1] == [minutes]


def test_a_time_of_day_is_no_length() -> None:
    assert find_durations("19h30", "fr") == ()


@pytest.mark.parametrize(
    ("language", "text", "count"),
    [
        ("de", "eine Pause", 1),
        ("de", "zwei Pausen", 2),
        ("de", "ohne Pause", 0),
        ("en", "including one interval", 1),
        ("en", "no interval", 0),
        ("en", "two intermissions", 2),
        ("fr", "avec un entracte", 1),
        ("fr", "sans entracte", 0),
        ("it", "un intervallo", 1),
        ("es", "sin intermedio", 0),
        ("hu", "két szünettel", 2),
        ("hu", "szünet nélkül", 0),
        ("ru", "с двумя антрактами", 2),
        ("cs", "1 přestávka", 1),
        ("fi", "yksi väliaika", 1),
        ("pl", "bez przerwy", 0),
    ],
)
def test_intervals_are_counted(language: str, text: str, count: int) -> None:
    assert [hit.minutes for hit in find_intermissions(text, language)] == [count]


def test_seasons_are_read_with_their_window() -> None:
    (season,) = find_seasons("Programm der Spielzeit 2026/27")

    assert (season.printed, season.first, season.last) == ("2026/27", dt.date(2026, 7, 1), dt.date(2027, 8, 31))
    assert find_seasons("25/26")[0].first == dt.date(2025, 7, 1)
    assert find_seasons("14/3 und 2026-12") == ()


def test_a_heading_names_a_month() -> None:
    assert find_month("März 2026", "de") == (2026, 3)
    assert find_month("Apr", "en") == (None, 4)
    assert find_month("14. März 2026", "de") is None


def test_a_page_shows_the_order_of_its_numeric_dates() -> None:
    assert prints_month_first(["01-23-2026", "02-02-2026"]) is True
    assert prints_month_first(["23/01/2026"]) is False
    assert prints_month_first(["02/03/2026"]) is None
