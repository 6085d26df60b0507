"""How content systems spell addresses: each scheme a table of formats, as found on real houses' sites.

Formats know: ``root`` (language prefix), every word of ``words.csv`` as ``w_<word>`` (in slug form), ``slug``, ``camel``
(of a title), ``id`` (of the record, of any kind), ``hash`` (of it), ``genre``, ``s`` ``e`` ``s2`` ``e2`` (years of the
season), ``year`` ``month`` ``month_name`` ``day`` ``time``, ``production`` (address of the production) and ``page``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_WORDY = {
    "artists": "{root}/{w_artists}",
    "artist": "{root}/{w_artists}/{slug}",
    "news_list": "{root}/{w_news}",
    "news": "{root}/{w_news}/{slug}",
    "info": "{root}/{w_visit}/{slug}",
    "about": "{root}/{w_about}",
    "education_list": "{root}/{w_education}",
    "education": "{root}/{w_education}/{slug}",
    "shop_list": "{root}/{w_shop}",
    "shop": "{root}/{w_shop}/{slug}-{id}",
    "reports": "{root}/{w_about}/{w_reports}",
    "report": "/files/{w_report}-{year}.pdf",
    "archive": "{root}/{w_archive}",
    "archive_season": "{root}/{w_archive}/{s}-{e}",
    "gallery": "{production}/{w_gallery}",
}


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way to spell addresses. ``evening`` is None where evenings have no pages of their own."""

    name: str
    formats: Mapping[str, str]

    def of(self, kind: str) -> str | None:
        """Return the format of a kind of page, None where the scheme has no such pages."""
        return self.formats.get(kind) or None


def _scheme(name: str, **formats: str) -> Scheme:
    return Scheme(name, {**_WORDY, **formats})


def _numbered(name: str, one: str, **formats: str) -> Scheme:
    """Return a scheme that spells every page alike."""
    return Scheme(name, {**dict.fromkeys([*_WORDY, "production", "season", "listing", "evening"], one), **formats})


SCHEMES = (
    _scheme(
        "hub and slug",
        production="{root}/{w_calendar}/{slug}/",
        evening="{root}/{w_calendar}/{slug}/?id_datum={id}",
        season="{root}/{w_season}-{s}-{e2}/",
        listing="{root}/{w_whats_on}/",
        month="{root}/{w_calendar}/?datum={year}-{month}",
    ),
    _scheme(
        "play and evening",
        production="{root}/{w_production}/{slug}",
        evening="{root}/{w_production}/{slug}/{year}-{month}-{day}-{time}-{id}",
        season="{root}/{w_season}/{s}-{e}",
        listing="{root}/{w_production}",
        month="{root}/{w_calendar}/{year}-{month}",
        education="{root}/{w_production}/{slug}/{day}-{month}-{year}-{time}-{id}",
    ),
    _scheme(
        "season, genre, slug",
        production="{root}/{w_season}/{s}-{e}/{genre}/{slug}.html",
        evening="",
        season="{root}/{w_season}/{s}-{e}.html",
        listing="{root}/{w_whats_on}.html",
        month="{root}/{w_calendar}.html?m={month}&y={year}",
        education="{root}/{w_season}/2026-2027/{w_talk}/{slug}.html",
        archive_season="{root}/{w_season}/{s}-{e}.html",
        artist="{root}/{w_artists}/{slug}.html",
        news="{root}/{w_press}/{year}/{slug}.html",
    ),
    _scheme(
        "season with short years",
        production="{root}/{w_season}-{s2}-{e2}/{genre}/{slug}",
        evening="",
        season="{root}/{w_whats_on}/{w_season}-{s2}-{e2}",
        listing="{root}/{w_whats_on}",
        month="{root}/{w_calendar}/{month_name}-{year}",
        education="{root}/{w_season}-26-27/{w_workshop}/{slug}",
        artist="{root}/{w_artists}/{w_season}-26-27/{slug}",
    ),
    _scheme(
        "evenings only",
        production="",
        evening="{root}/{w_calendar}/detail/{slug}/{year}-{month}-{day}/",
        season="{root}/{w_season}/{s}-{e}/",
        listing="{root}/{w_whats_on}/",
        month="{root}/{w_calendar}/{year}/{month_name}/",
        artist="{root}/ensemble/detail/{slug}/",
        artists="{root}/ensemble/",
        news="{root}/{w_news}/detail/{slug}/",
    ),
    _scheme(
        "blog system with events",
        production="{root}/event/{slug}/",
        evening="",
        season="{root}/{w_season}-{s}-{e}/",
        listing="{root}/events/",
        month="{root}/events/{year}-{month}/",
        education="{root}/event/{slug}-{id}/",
        news="{root}/{year}/{month}/{slug}/",
        news_list="{root}/category/{w_news}/",
        info="{root}/{slug}/",
        shop="{root}/product/{slug}/",
        artist="{root}/person/{slug}/",
    ),
    _numbered(
        "node numbers",
        "{root}/node/{id}",
        evening="",
        month="{root}/{w_calendar}/{year}-{month}",
        report="/system/files/{year}/{id}.pdf",
    ),
    _numbered(
        "page ids in the query",
        "/index.php?id={id}",
        evening="/index.php?id=214&evt={id}",
        month="/index.php?id=88&month={month}&year={year}",
        report="/fileadmin/pdf/{w_report}_{year}.pdf",
    ),
    _scheme(
        "active server pages",
        production="/detail.aspx?event={id}",
        evening="/performance.aspx?perf={id}",
        season="/season.aspx?s={s}",
        listing="/list.aspx",
        month="/calendar.aspx?m={month}&y={year}",
        artist="/person.aspx?id={id}",
        artists="/people.aspx",
        news="/article.aspx?id={id}",
        news_list="/articles.aspx",
        info="/page.aspx?name={slug}",
        about="/about.aspx",
        education="/detail.aspx?event={id}",
        education_list="/learn.aspx",
        shop="/item.aspx?sku={id}",
        shop_list="/items.aspx",
        archive="/history.aspx",
        archive_season="/season.aspx?s={s}",
        reports="/finance.aspx",
        report="/docs/{id}.pdf",
        gallery="/photos.aspx?event={id}",
    ),
    _scheme(
        "flat files",
        production="/{camel}.html",
        evening="",
        season="/season{s2}{e2}.htm",
        listing="/schedule.htm",
        month="",
        artist="/bio_{camel}.html",
        artists="/performers.htm",
        news="/news_{id}.htm",
        news_list="/whatsnew.htm",
        info="/{camel}.htm",
        about="/general.htm",
        education="/OutReach_{id}.htm",
        education_list="/outreach.htm",
        shop="/cd_{id}.htm",
        shop_list="/recordings.htm",
        archive="/past.htm",
        archive_season="/past{s}.htm",
        reports="/board.htm",
        report="/AR{year}.pdf",
        gallery="/{camel}_pix.html",
    ),
    _scheme(
        "dated posts",
        production="{root}/{year}/{month}/{slug}",
        evening="",
        season="{root}/{w_season}-{s}-{e2}",
        listing="{root}/{w_opera}",
        month="{root}/{w_calendar}/{year}/{month}",
        news="{root}/{year}/{month}/{slug}",
        education="{root}/{year}/{month}/{slug}",
        info="{root}/{slug}",
    ),
    _scheme(
        "arts centre",
        production="{root}/resident-opera/{s}-season/{slug}",
        evening="",
        season="{root}/resident-opera/{s}-season",
        listing="{root}/{w_whats_on}",
        month="{root}/{w_whats_on}/{year}/{month}",
        education="{root}/workshops/{slug}",
        news="{root}/stories/{slug}",
        news_list="{root}/stories",
        shop="{root}/contemporary-music/{slug}",
        shop_list="{root}/contemporary-music",
    ),
    _numbered(
        "opaque keys",
        "{root}/p/{hash}",
        evening="{root}/t/{hash}",
        month="{root}/c/{year}{month}",
        report="/media/{hash}/report.pdf",
    ),
    _scheme(
        "servlets",
        production="/opera/showEvent.do?eventId={id}",
        evening="/opera/showPerformance.do?performanceId={id}",
        season="/opera/season.do?year={s}",
        listing="/opera/eventList.do",
        month="/opera/monthView.do?year={year}&month={month}",
        artist="/opera/showArtist.do?artistId={id}",
        artists="/opera/artistList.do",
        news="/opera/showNews.do?newsId={id}",
        news_list="/opera/newsList.do",
        info="/opera/page.do?pageId={id}",
        education="/opera/showEvent.do?eventId={id}",
        shop="/shop/item.do?itemId={id}",
        gallery="/opera/gallery.do?eventId={id}",
    ),
    _scheme(
        "number before slug",
        production="{root}/{w_event}/{id}-{slug}",
        evening="",
        season="{root}/{w_season}/{s}",
        listing="{root}/{w_event}",
        month="{root}/{w_event}/{w_calendar}/{year}/{month}",
        education="{root}/{w_event}/{id}-{slug}",
        artist="{root}/{w_artists}/{id}-{slug}",
        news="{root}/{w_news}/{id}-{slug}",
        info="{root}/{w_visit}/{id}-{slug}",
    ),
    _scheme(
        "number behind slug",
        production="{root}/{w_calendar}/{slug}.{id}/",
        evening="{root}/{w_calendar}/{slug}.{id}/{year}{month}{day}/",
        season="{root}/{w_calendar}/{w_season}-{s}-{e}/",
        listing="{root}/{w_calendar}/{w_opera}/",
        month="{root}/{w_calendar}/{month}-{year}/",
        artist="{root}/{w_artists}/{slug}.{id}/",
        education="{root}/{w_calendar}/{slug}.{id}/",
    ),
)

#: Not looked at while discovery was tuned.
HELD_OUT_SCHEMES = (
    _numbered(
        "plain permalinks",
        "/?p={id}",
        evening="/?performance={id}",
        month="/?cal={year}{month}",
        report="/?attachment_id={id}",
    ),
    _scheme(
        "day in the path",
        production="{root}/{w_whats_on}/{year}/{month}/{day}/{id}/{slug}",
        evening="",
        season="{root}/{w_season}/{s}{e2}",
        listing="{root}/{w_whats_on}",
        month="{root}/{w_whats_on}/{year}/{month}",
        news="{root}/{w_press}/{year}/{month}/{day}/{id}/{slug}",
        education="{root}/{w_whats_on}/{year}/{month}/{day}/{id}/{slug}",
    ),
    _scheme(
        "slug with letter and number",
        **dict.fromkeys(
            ("artist", "news", "info", "education", "shop", "archive_season", "season", "gallery", "production"),
            "{root}/{slug}-{id}",
        ),
        evening="{root}/{slug}-{id}/{id}",
        listing="{root}/{w_opera}-{w_calendar}",
        month="{root}/{w_calendar}/m{year}{month}",
    ),
    _scheme(
        "genre folder",
        production="{root}/{w_whats_on}/{genre}/{slug}",
        evening="{root}/{w_whats_on}/{genre}/{slug}?performance={id}",
        season="{root}/{w_whats_on}?season={s}-{e2}",
        listing="{root}/{w_whats_on}",
        month="{root}/{w_whats_on}?from={year}-{month}-01",
        education="{root}/{w_whats_on}/{w_workshop}/{slug}",
        archive_season="{root}/{w_archive}?season={s}-{e2}",
        artist="{root}/{w_about}/{w_artists}/{slug}",
    ),
    _scheme(
        "two words deep",
        production="{root}/{w_season}/{s2}{e2}/{w_production}/{id}",
        evening="{root}/{w_season}/{s2}{e2}/{w_tickets}/{id}",
        season="{root}/{w_season}/{s2}{e2}",
        listing="{root}/{w_season}/{w_opera}",
        month="{root}/{w_season}/{w_calendar}/{month}/{year}",
        artist="{root}/{w_season}/2627/{w_artists}/{id}",
        education="{root}/{w_season}/2627/{w_education}/{id}",
    ),
)

#: Measured once before anything was changed for their sake.
FURTHER_SCHEMES = (
    _numbered("numbers alone", "{root}/{id}", month="{root}/{year}{month}", evening="", report="/{id}.pdf"),
    _scheme(
        "seasons of one page",
        production="",
        evening="",
        season="{root}/{w_season}-{s}-{e2}",
        listing="{root}/{w_whats_on}",
        month="",
    ),
    _scheme(
        "words of another script",
        production="{root}/{w_production}/{slug}",
        evening="",
        season="{root}/{w_season}/{s}-{e}",
        listing="{root}/{w_whats_on}",
        month="{root}/{w_calendar}/{year}/{month}",
    ),
    _scheme(
        "folders of another script",
        production="{root}/{w_whats_on}/{w_opera}/{slug}/",
        evening="{root}/{w_whats_on}/{w_opera}/{slug}/{id}/",
        season="{root}/{w_season}/{s}/",
        listing="{root}/{w_whats_on}/",
        month="{root}/{w_whats_on}/{year}-{month}/",
        education="{root}/{w_whats_on}/{w_education}/{slug}/",
    ),
    _numbered(
        "article numbers and a number for the language",
        "/index.php?article_id={id}",
        evening="/index.php?article_id=31&termin={id}",
        month="/index.php?article_id=12&monat={year}-{month}",
        report="/media/{w_report}_{year}.pdf",
    ),
    _scheme(
        "session before the path",
        production="/Produktion.aspx/{id}",
        evening="",
        season="/Saison.aspx/{s}",
        listing="/Programm.aspx",
        month="/Kalender.aspx/{year}/{month}",
        artist="/Person.aspx/{id}",
        news="/Meldung.aspx/{id}",
        education="/Produktion.aspx/{id}",
        info="/Seite.aspx/{id}",
        shop="/Artikel.aspx/{id}",
    ),
    _scheme(
        "session behind the path",
        production="{root}/{w_event}/{slug}",
        evening="",
        season="{root}/{w_season}/{s}-{e2}",
        listing="{root}/{w_event}",
        month="{root}/{w_calendar}/{year}-{month}",
        education="{root}/{w_event}/{slug}-{id}",
    ),
    _scheme(
        "a host for each language",
        production="{root}/{w_opera}/{slug}",
        evening="{root}/{w_opera}/{slug}/{id}",
        season="{root}/{w_season}/{s}-{e2}",
        listing="{root}/{w_opera}",
        month="{root}/{w_calendar}/{year}/{month}",
    ),
    _scheme(
        "lists drawn from data",
        production="{root}/{slug}",
        evening="",
        season="{root}/{w_season}-{s}-{e2}",
        listing="{root}/{w_whats_on}",
        month="",
        news="{root}/{w_news}/{slug}",
        info="{root}/{slug}",
    ),
    _scheme(
        "calendar without months",
        production="{root}/{w_production}/{id}/{slug}",
        evening="{root}/{w_production}/{id}/{slug}?date={year}-{month}-{day}",
        season="{root}/{w_season}/{s}",
        listing="",
        month="{root}/{w_calendar}?offset={offset}",
    ),
    _scheme(
        "calendar by cursor",
        production="{root}/e/{slug}-{hash}",
        evening="",
        season="{root}/l/{s}-{e}",
        listing="{root}/l/{w_whats_on}",
        month="{root}/{w_calendar}?after={cursor}",
        news="{root}/s/{slug}-{hash}",
        shop="{root}/m/{slug}-{hash}",
        education="{root}/e/{slug}-{hash}",
    ),
    _scheme(
        "one spelling for all",
        **dict.fromkeys(("production", "news", "shop", "education", "info", "artist"), "{root}/content/{slug}-{id}"),
        evening="",
        season="{root}/{w_season}/{s}-{e2}",
        listing="{root}/{w_whats_on}",
        month="{root}/{w_calendar}/{year}-{month}",
    ),
)
