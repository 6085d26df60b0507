"""The contract between every extractor and the warehouse: what one page states, and in which block it says so.

The descriptions below are also the instructions a language model receives. Objects are closed and every
field is always present, null where the page is silent, because a strict JSON schema empties anything free-form.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

PageType = Literal["production", "performance", "calendar", "season", "artist", "company", "financial", "other"]
Genre = Literal[
    "opera",
    "operetta",
    "zarzuela",
    "musical",
    "oratorio",
    "ballet",
    "play",
    "concert",
    "children",
    "education",
    "other",
]
Function = Literal[
    "arranger",
    "artistic_director",
    "assistant",
    "assistant_conductor",
    "assistant_director",
    "childrens_chorus",
    "childrens_chorus_master",
    "choreographer",
    "chorus",
    "chorus_master",
    "composer",
    "concept",
    "concertmaster",
    "conductor",
    "continuo",
    "costume_designer",
    "dancers",
    "director",
    "dramaturg",
    "extras",
    "fight_director",
    "instrumentalist",
    "intimacy_coordinator",
    "librettist",
    "lighting_designer",
    "makeup_hair_designer",
    "movement_director",
    "narrator",
    "orchestra",
    "presenter",
    "producer",
    "production_manager",
    "prompter",
    "puppetry",
    "repetiteur",
    "revival_director",
    "set_designer",
    "sound_designer",
    "source_author",
    "stage_manager",
    "surtitles",
    "translator",
    "video_designer",
    "other",
]
ProductionType = Literal["new", "revival", "rental"]
Presentation = Literal["staged", "semi_staged", "concert"]
Extent = Literal["complete", "abridged", "excerpt", "adaptation"]
CastKind = Literal["main", "alternate", "cover", "jump_in"]
PerformanceStatus = Literal["scheduled", "cancelled", "postponed"]
Availability = Literal["on_sale", "few_left", "sold_out", "not_yet", "members_only", "free"]
PerformanceType = Literal["premiere", "regular", "last_night", "matinee", "preview", "gala"]
PriceQualifier = Literal["exact", "from", "up_to"]
PriceKind = Literal["paid", "free", "members"]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _InBlock(_Closed):
    block: str = Field(description="Id of the numbered block this was read from, for example b17.")


class Night(_Closed):
    """One evening, named to say on which nights somebody appears or a price holds."""

    date: str = Field(description="Local date, YYYY-MM-DD.")
    time: str | None = Field(description="Local start time, HH:MM in 24 hours, if printed beside it.")


class Company(_InBlock):
    """The company whose page this is."""

    name: str | None = Field(description="Name as printed.")
    city: str | None = Field(description="City as printed.")
    country: str | None = Field(description="Country as printed.")


class Work(_InBlock):
    """One work of an evening; a double bill has two, in order."""

    title: str | None = Field(description="Title of this work as printed.")
    composer: str | None = Field(description="Composer as printed.")
    version: str | None = Field(description="Version as printed, for example '1869' or 'Wiener Fassung'.")
    extent: Extent | None = Field(description="How much of the work is played, if the page says so.")


class Credit(_InBlock):
    """One person (or ensemble) in one function of the creative team or musical direction."""

    name: str = Field(description="Name as printed, without titles of the function.")
    function: Function = Field(description="Function; 'other' for one that is not in the list.")
    nights: list[Night] = Field(description="Evenings this holds for; empty means the whole run.")


class CastMember(_InBlock):
    """One performer in one role."""

    performer: str = Field(description="Name as printed.")
    role: str | None = Field(description="Role as printed.")
    voice_type: str | None = Field(description="Voice type as printed beside this performer or role.")
    kind: CastKind | None = Field(
        description="main; alternate when several share the role; cover; jump_in for a late substitute."
    )
    replaces: str | None = Field(description="Name of the performer this one replaces, as printed.")
    nights: list[Night] = Field(description="Evenings this holds for; empty means the whole run.")


class Performance(_InBlock):
    """One evening of a production."""

    date: str = Field(description="Local date, YYYY-MM-DD.")
    time: str | None = Field(description="Local start time, HH:MM in 24 hours. Null when not printed, never 00:00.")
    year_inferred: bool = Field(description="True when the page does not print the year of this date.")
    venue: str | None = Field(description="Venue of this evening as printed.")
    city: str | None = Field(description="City of this evening as printed.")
    status: PerformanceStatus | None = Field(description="Only when the page says it.")
    availability: Availability | None = Field(description="State of ticket sale, only when the page says it.")
    type: PerformanceType | None = Field(description="Only when the page says it.")
    ticket_url: str | None = Field(description="Address of the ticket sale for this evening.")


class TicketPrice(_InBlock):
    """One price or price range."""

    category: str | None = Field(description="Category as printed.")
    nights: list[Night] = Field(description="Evenings this holds for; empty means the whole run.")
    min: float | None = Field(description="Lowest amount. Equal to max for a single price.")
    max: float | None = Field(description="Highest amount; null for 'from' prices.")
    currency: str | None = Field(description="ISO 4217 code.")
    qualifier: PriceQualifier | None = Field(description="exact, from ('ab 15 €'), up_to.")
    kind: PriceKind | None = Field(description="paid, free, members.")


class Production(_InBlock):
    """One company's run of one work (or bill) in one season. Its block opens its section of the page."""

    opera_title: str | None = Field(description="Title as printed, without composer, tags, date or age.")
    composer: str | None = Field(description="Composer as printed.")
    librettist: str | None = Field(description="Librettist as printed.")
    production_title: str | None = Field(description="Title of the evening when it differs from the work's.")
    season: str | None = Field(description="Season as printed, for example 2026/27.")
    language: str | None = Field(description="Language sung, ISO 639-1.")
    genre: Genre | None = Field(description="Kind of event.")
    venue: str | None = Field(description="Venue as printed.")
    city: str | None = Field(description="City as printed.")
    production_type: ProductionType | None = Field(description="Only when the page says it.")
    presentation: Presentation | None = Field(description="Only when the page says it.")
    is_family: bool | None = Field(description="True when announced for children or families.")
    is_world_premiere: bool | None = Field(description="True when announced as the world premiere of the work.")
    premiere_date: str | None = Field(description="First night of this run if the page marks one, YYYY-MM-DD.")
    closing_date: str | None = Field(description="Last night if the page marks one or states a range, YYYY-MM-DD.")
    duration_minutes: int | None = Field(description="Length of the evening in minutes.")
    intermissions: int | None = Field(description="Number of intervals.")
    premiere_words: list[str] = Field(description="Words that mark premiere or revival, as printed.")
    co_producers: list[str] = Field(description="Co-producing companies, as printed.")
    works: list[Work] = Field(description="Works of the evening, in order.")
    creative_team: list[Credit] = Field(description="One entry per person and function.")
    cast_members: list[CastMember] = Field(description="One entry per performer and role.")
    performances: list[Performance] = Field(description="One entry per evening.")
    ticket_prices: list[TicketPrice] = Field(description="Printed prices.")


class FinancialYear(_InBlock):
    """The figures of one fiscal year, in the unit printed (see ``unit_multiplier``)."""

    fiscal_year: str | None = Field(description="Fiscal year as printed.")
    period_start: str | None = Field(description="First day, YYYY-MM-DD.")
    period_end: str | None = Field(description="Last day, YYYY-MM-DD.")
    currency: str | None = Field(description="ISO 4217 code.")
    unit_multiplier: int | None = Field(description="1, 1000 or 1000000, as the table's heading says.")
    is_estimated: bool | None = Field(description="True for budgets and forecasts.")
    total_revenue: float | None
    ticket_revenue: float | None
    subscription_revenue: float | None
    donation_revenue: float | None
    government_grants: float | None
    corporate_sponsorship: float | None
    endowment_income: float | None
    other_revenue: float | None
    total_expenses: float | None
    artist_fees: float | None
    production_costs: float | None
    venue_costs: float | None
    marketing_costs: float | None
    administrative_costs: float | None
    other_expenses: float | None


class PageExtraction(_Closed):
    """Everything one page states about a company, its productions and its finances."""

    page_type: PageType = Field(description="What kind of page this is.")
    language: str | None = Field(description="Language of the page, ISO 639-1.")
    company: Company | None = Field(description="The company, if the page names it.")
    productions: list[Production] = Field(description="Every production on the page.")
    financials: list[FinancialYear] = Field(description="Every fiscal year with figures on the page.")
