"""Writes small PDFs by hand: text at given places, so that tests need no program that lays out pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """A piece of text at a place, in points from the lower left corner of an A4 page.

    ``mode`` 3 draws nothing; ``gray`` is 0 for black and 1 for white.
    """

    x: float
    y: float
    text: str
    size: float = 10
    mode: int = 0
    gray: float = 0


def pdf_of(pages: Sequence[Iterable[Run]], *, ground: float | None = None) -> bytes:
    """Return a PDF of these pages in Helvetica, in the order in which the runs are given.

    :param ground: the gray of a rectangle drawn below all text, if any
    """
    objects: list[bytes] = [
        b"",
        b"",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    kids = []
    for runs in pages:
        drawn = [f"{ground} g 0 0 595 842 re f".encode()] if ground is not None else []
        for run in runs:
            text = run.text.encode("cp1252").replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")
            drawn.append(
                f"BT /F1 {run.size} Tf {run.gray} g {run.mode} Tr 1 0 0 1 {run.x} {run.y} Tm (".encode()
                + text
                + b") Tj ET"
            )
        stream = b"\n".join(drawn)
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    return assembled(objects)


def assembled(objects: Sequence[bytes]) -> bytes:
    """Return the PDF of numbered objects; the first is its catalogue."""
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    return bytes(out)


def lines_of(*texts: str) -> list[Run]:
    """Return texts below one another."""
    return [Run(72, 780 - 16 * number, text) for number, text in enumerate(texts)]
