import pytest

from opera_spiders.extraction.merge import merge, merge_productions
from opera_spiders.extraction.schema import (
    CastMember,
    Credit,
    Night,
    PageExtraction,
    Performance,
    Production,
    Work,
)


def production(block: str = "b1", title: str | None = "Tosca", **values: object) -> Production:
    empty = {name: [] if "list" in str(field.annotation) else None for name, field in Production.model_fields.items()}
    return Production.model_validate({**empty, "block": block, "opera_title": title, **values})


def evening(date: str, time: str | None = None, **values: object) -> Performance:
    empty = dict.fromkeys(Performance.model_fields)
    return Performance.model_validate(
        {**empty, "block": "b9", "date": date, "time": time, "year_inferred": False, **values}
    )


def singer(name: str, role: str, *nights: str) -> CastMember:
    return CastMember(
        block="b5",
        performer=name,
        role=role,
        voice_type=None,
        kind="main",
        replaces=None,
        nights=[Night(date=date, time=None) for date in nights],
    )


def page(*productions: Production) -> PageExtraction:
    return PageExtraction(
        page_type="calendar", language="de", company=None, productions=list(productions), financials=[]
    )


def test_the_same_run_in_two_parts_is_one_production():
    merged = merge(
        [
            page(production(composer="Puccini", performances=[evening("2027-03-14", "19:30")])),
            page(
                production(
                    "b7",
                    "TOSCA",
                    composer="Giacomo Puccini",
                    venue="Hall",
                    performances=[evening("2027-03-12", "19:30")],
                )
            ),
        ]
    )
    (run,) = merged.productions
    assert (run.block, run.opera_title, run.venue) == ("b1", "Tosca", "Hall")
    assert [night.date for night in run.performances] == ["2027-03-12", "2027-03-14"]


def test_the_same_evening_is_one_and_keeps_what_each_part_knows():
    first = production(performances=[evening("2027-03-14", None, availability="sold_out", year_inferred=True)])
    second = production(performances=[evening("2027-03-14", "19:30", venue="Hall")])
    (run,) = merge_productions([first, second])
    (night,) = run.performances
    assert (night.time, night.venue, night.availability, night.year_inferred) == ("19:30", "Hall", "sold_out", False)


def test_two_evenings_of_one_day_stay_two():
    run = merge_productions(
        [
            production(performances=[evening("2027-03-14", "11:00")]),
            production(performances=[evening("2027-03-14", "14:00")]),
        ]
    )[0]
    assert len(run.performances) == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"presentation": "concert"}, {"presentation": "staged"}),
        ({"composer": "Giuseppe Verdi"}, {"composer": "Gioachino Rossini"}),
        ({"genre": "ballet"}, {"genre": "opera"}),
        ({"season": "2026/27"}, {"season": "2027/28"}),
        ({"performances": [evening("2027-01-14")]}, {"performances": [evening("2027-11-14")]}),
    ],
)
def test_what_contradicts_stays_apart(first: dict[str, object], second: dict[str, object]):
    assert len(merge_productions([production(**first), production(**second)])) == 2  # type: ignore[arg-type]


def test_casts_are_united_and_nights_collected():
    first = production(cast_members=[singer("Anna Muster", "Tosca", "2027-03-14"), singer("Bert Beispiel", "Scarpia")])
    second = production(
        cast_members=[
            singer("Anna Muster", "Tosca", "2027-03-18"),
            singer("Clara Probe", "Tosca", "2027-03-20"),
            singer("Bert Beispiel", "Scarpia", "2027-03-18"),
        ]
    )
    cast = merge_productions([first, second])[0].cast_members
    assert [(member.performer, member.kind, [night.date for night in member.nights]) for member in cast] == [
        ("Anna Muster", "alternate", ["2027-03-14", "2027-03-18"]),
        ("Bert Beispiel", "main", []),
        ("Clara Probe", "alternate", ["2027-03-20"]),
    ]


def test_a_credit_is_one_entry_per_person_and_function():
    credit = Credit(block="b3", name="Anna Muster", function="director", nights=[])
    run = merge_productions([production(creative_team=[credit]), production(creative_team=[credit])])[0]
    assert run.creative_team == [credit]


def test_double_bills_are_known_by_their_works_in_any_order():
    works = [
        Work(block="b1", title=title, composer=None, version=None, extent=None)
        for title in ("Pagliacci", "Cavalleria rusticana")
    ]
    assert (
        len(
            merge_productions(
                [production(title="Cav/Pag", works=works), production(title="Doppelabend", works=works[::-1])]
            )
        )
        == 1
    )


def test_productions_without_a_title_are_never_merged():
    assert len(merge_productions([production(title=None), production(title=None)])) == 2


def test_merging_is_the_same_however_often_it_is_done():
    once = merge(
        [
            page(
                production(performances=[evening("2027-03-14")]),
                production(performances=[evening("2027-03-14", "19:30")]),
            )
        ]
    )
    assert merge([once]) == once


def test_nothing_cannot_be_merged():
    with pytest.raises(ValueError, match="no extraction"):
        merge([])
