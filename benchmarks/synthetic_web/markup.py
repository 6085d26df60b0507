"""How houses mark up the same things: tables, cards, definition lists, microdata, and HTML of 1999."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

Links = Sequence[tuple[str, str]]  # label, address


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list. ``dates`` is a day or a run; ``address`` may be empty."""

    title: str
    address: str
    note: str = ""
    dates: tuple[date, ...] = ()
    more: str = ""
    time: str = ""


@dataclass(frozen=True, slots=True)
class Markup:
    """One house's templates. ``style`` is one of ``STYLES``; ``dates`` how days are printed."""

    style: str
    dates: str

    def document(
        self,
        *,
        language: str,
        title: str,
        site: str,
        head: str,
        navigation: Links,
        versions: Links,
        main: str,
        footer: Links,
        notice: str,
    ) -> str:
        """Return a whole page."""
        menu = _items(navigation)
        other = "".join(f'<a class="lang" href="{escape(path)}">{code.upper()}</a>' for code, path in versions)
        heading = "" if "<h1" in main or self.style in ("old", "boxes") else f"<h1>{escape(title)}</h1>"
        top = f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)} | {escape(site)}</title>{head}</head><body>'
        if self.style == "old":
            bar = " | ".join(_link(label, path) for label, path in navigation)
            below = " - ".join(_link(label, path) for label, path in footer)
            return f'{top}<table width="100%"><tr><td>{bar} {other}</td></tr><tr><td><font size="5"><b>{escape(title)}</b></font><br>{main}</td></tr><tr><td>{below}<br>{notice}</td></tr></table></body></html>'
        if self.style == "boxes":
            bar = "".join(f'<div class="px-4">{_link(label, path)}</div>' for label, path in navigation)
            below = "".join(f'<div class="text-sm">{_link(label, path)}</div>' for label, path in footer)
            return f'{top}<div class="flex flex-wrap">{bar}{other}</div><div class="container"><div class="text-5xl">{escape(title)}</div>{main}</div><div class="grid">{below}<div>{notice}</div></div></body></html>'
        if self.style == "soup":
            return f'{top}<div class="hd"><div class="mn">{menu}</div>{other}</div><div class="ct">{heading}{main}</div><div class="ft">{_items(footer)}<p>{notice}</p></div></body></html>'
        return f"{top}<header><nav>{menu}</nav>{other}</header><main>{heading}{main}</main><footer>{_items(footer)}<p>{notice}</p></footer></body></html>"

    def production(
        self,
        *,
        title: str,
        subtitle: str,
        genre: str,
        team: Links,
        cast_label: str,
        cast: Links,
        people: Mapping[str, str | None],
        nights: Sequence[tuple[date, str, str | None, str]],
        months: Sequence[str],
        price: tuple[str, str] | None,
        text: str,
        extra: Links,
    ) -> str:
        """Return the main part of a production's page."""
        named = [(label, _person(name, people.get(name))) for label, name in team]
        sung = [(role, _person(name, people.get(name))) for role, name in cast]
        evenings = [(self.day(day, months), time, own, shop) for day, time, own, shop in nights]
        links = " ".join(_link(label, path) for label, path in extra)
        pay = f"<p>{price[0]}: {price[1]}</p>" if price else ""
        if self.style == "old":
            credits = "<br>".join(f"{label}: {name}" for label, name in (*named, *sung))
            dates = "<br>".join(
                f"{_maybe(f'{day}, {time}', own)} {_link('Tickets', shop)}" for day, time, own, shop in evenings
            )
            return f"<i>{escape(subtitle)}</i> ({genre})<p>{credits}</p><p>{dates}</p><p>{text}</p>{pay}{links}"
        if self.style == "boxes":
            credits = "".join(f"<p><strong>{label}</strong> {name}</p>" for label, name in (*named, *sung))
            dates = "".join(
                f'<div class="flex"><div class="w-1/3">{_maybe(day, own)}</div><div>{time}</div><div>{_link("Tickets", shop)}</div></div>'
                for day, time, own, shop in evenings
            )
            return f'<div class="text-xl">{escape(subtitle)}</div><div>{genre}</div><div class="prose">{text}</div><div class="my-4">{dates}</div><div class="my-4">{credits}</div>{pay}<div>{links}</div>'
        if self.style == "table":
            credits = (
                "<table>"
                + "".join(f"<tr><th>{label}</th><td>{name}</td></tr>" for label, name in (*named, *sung))
                + "</table>"
            )
            dates = (
                "<table>"
                + "".join(
                    f"<tr><td>{_maybe(day, own)}</td><td>{time}</td><td>{_link('Tickets', shop)}</td></tr>"
                    for day, time, own, shop in evenings
                )
                + "</table>"
            )
        elif self.style == "soup":
            credits = "".join(
                f'<div class="r"><div class="l">{label}</div><div class="n">{name}</div></div>'
                for label, name in (*named, *sung)
            )
            dates = "".join(
                f'<div class="d"><span>{_maybe(day, own)}</span> <span>{time}</span> {_link("Tickets", shop)}</div>'
                for day, time, own, shop in evenings
            )
        else:
            credits = (
                "<dl>"
                + "".join(f"<dt>{label}</dt><dd>{name}</dd>" for label, name in named)
                + f"</dl><h2>{cast_label}</h2><dl>"
                + "".join(f"<dt>{role}</dt><dd>{name}</dd>" for role, name in sung)
                + "</dl>"
            )
            dates = (
                '<ul class="dates">'
                + "".join(
                    f'<li><time datetime="{raw[0]}T{time}">{_maybe(f"{day}, {time}", own)}</time> {_link("Tickets", shop)}</li>'
                    for raw, (day, time, own, shop) in zip(nights, evenings, strict=True)
                )
                + "</ul>"
            )
        return f'<h1>{escape(title)}</h1><p class="by">{escape(subtitle)}</p><p>{genre}</p><p>{text}</p>{dates}{credits}{pay}<p class="links">{links}</p>'

    def listing(self, title: str, entries: Sequence[Entry], steps: Links, filters: Links, months: Sequence[str]) -> str:
        """Return the main part of a list."""
        heading = "" if self.style in ("old", "boxes") else f"<h1>{escape(title)}</h1>"
        chosen = f'<form class="filters">{_items(filters)}</form>' if filters else ""
        rows = []
        for entry in entries:
            when = " – ".join(dict.fromkeys(self.day(day, months) for day in entry.dates)) + (
                f", {entry.time}" if entry.time else ""
            )
            name = _maybe(escape(entry.title), entry.address)
            more = _link(entry.more, entry.address) if entry.more and entry.address else ""
            if self.style == "table":
                rows.append(f"<tr><td>{when}</td><td>{name}</td><td>{escape(entry.note)}</td></tr>")
            elif self.style == "boxes":  # the whole box is the link
                inside = f'<div class="text-sm">{when}</div><div class="text-2xl">{escape(entry.title)}</div><div>{escape(entry.note)}</div>'
                rows.append(_box(inside, entry.address))
            elif self.style == "old":
                rows.append(f"<p>{when} <b>{name}</b><br>{escape(entry.note)}</p>")
            elif self.style == "teaser":  # the title is no link, only its button is
                rows.append(
                    f"<article><h3>{escape(entry.title)}</h3><p>{when}</p><p>{escape(entry.note)}</p>{more or name}</article>"
                )
            else:
                rows.append(f'<li class="card"><h3>{name}</h3><p>{when}</p><p>{escape(entry.note)}</p>{more}</li>')
        inner = "".join(rows)
        body = (
            f"<table>{inner}</table>"
            if self.style == "table"
            else inner
            if self.style in ("old", "teaser", "boxes")
            else f"<ul>{inner}</ul>"
        )
        around = " ".join(_link(label, path) for label, path in steps)
        return f'{heading}{chosen}{body}<p class="pager">{around}</p>'

    def structured(self, title: str, nights: Sequence[object], site: str) -> str:
        """Return the page's events as JSON-LD."""
        events = [
            {
                "@context": "https://schema.org",
                "@type": "TheaterEvent",
                "name": title,
                "startDate": f"{night.day}T{night.time}",
                "location": site,
            }  # type: ignore[attr-defined]
            for night in nights
        ]
        return f'<script type="application/ld+json">{json.dumps(events[0] if len(events) == 1 else events, ensure_ascii=False)}</script>'

    def day(self, day: date, months: Sequence[str]) -> str:
        """Return a day as this house prints it."""
        return {
            "numeric": f"{day.day:02}.{day.month:02}.{day.year}",
            "short": f"{day.day}.{day.month}.",
            "words": f"{day.day}. {months[day.month - 1]} {day.year}",
            "english": f"{day.day} {months[day.month - 1].capitalize()}",
            "iso": day.isoformat(),
            "american": f"{months[day.month - 1].capitalize()} {day.day}, {day.year}",
            "signs": f"{day.year}年{day.month}月{day.day}日",
        }[self.dates]


STYLES = ("cards", "table", "soup", "old", "teaser")
DATES = ("numeric", "words", "short", "english", "iso")
FURTHER_STYLES = ("boxes", "boxes", "cards", "table", "soup")
FURTHER_DATES = ("words", "numeric", "american")


def pdf(text: str) -> bytes:
    """Return a PDF of one page that prints the lines of ``text`` (Latin-1)."""
    shown = " ".join(f"({line}) ' " for line in text.replace("(", "").replace(")", "").splitlines())
    stream = f"BT /F1 12 Tf 14 TL 50 750 Td {shown} ET".encode("latin-1", "replace")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length " + str(len(stream)).encode() + b">>stream\n" + stream + b"\nendstream",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj" % number + body + b"endobj\n"
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return (
        out
        + b"xref\n0 6\n0000000000 65535 f \n"
        + table
        + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % len(out)
    )


def _box(inside: str, address: str) -> str:
    return f'<a class="block group" href="{escape(address)}">{inside}</a>' if address else f"<div>{inside}</div>"


def _items(links: Links) -> str:
    return "<ul>" + "".join(f"<li>{_link(label, path)}</li>" for label, path in links) + "</ul>"


def _link(label: str, address: str) -> str:
    return f'<a href="{escape(address)}">{escape(label)}</a>'


def _maybe(label: str, address: str | None) -> str:
    return f'<a href="{escape(address)}">{label}</a>' if address else label


def _person(name: str, address: str | None) -> str:
    return _maybe(escape(name), address)
