import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opera_spiders.extraction.blocks import Block, PageBlocks, read_blocks
from tests.extraction.pdfs import assembled


def blocks_of(body: str, head: str = "", **kwargs: str) -> PageBlocks:
    page = f"<!DOCTYPE html><html lang='de-AT'><head>{head}</head><body>{body}</body></html>"
    return read_blocks(page.encode(), "text/html; charset=utf-8", "https://house.example/a/page", **kwargs)


def seen(page: PageBlocks) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in page.blocks]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<h2>Tosca</h2><p>Giacomo Puccini</p>", [("h2", "Tosca"), ("p", "Giacomo Puccini")]),
        ("<div>Text<div>inner</div>tail of it</div>", [("row", "Text | inner | tail of it")]),
        ("<p>Dirigent<br>Anna Muster</p>", [("p", "Dirigent\nAnna Muster")]),
        ("<p><b>Con</b>ductor <i>A</i>, B</p>", [("p", "Conductor A, B")]),
        ("<p><span>Amina</span><span>Diana</span></p>", [("p", "Amina Diana")]),
        ("<p><i>C</i><i>a</i><i>r</i><i>m</i>en</p>", [("p", "Carmen")]),
        ("<div>Fr<span>03</span></div>", [("p", "Fr 03")]),
        ("<div><b>19</b>lunedì</div>", [("p", "19 lunedì")]),
        ("<ul><li>one<li>two</ul>", [("li", "one"), ("li", "two")]),
        (
            "<table><tr><th>Regie<td>Anna Muster<tr><th>Licht<td>B</table>",
            [("row", "Regie | Anna Muster"), ("row", "Licht | B")],
        ),
        ("<dl><dt>Role<dd>Anna<dd>Berta<dt>Other<dd>C</dl>", [("dl", "Role | Anna | Berta"), ("dl", "Other | C")]),
        (
            "<div class=a><div class=l>Regie</div><div class=v>Anna Muster</div></div>",
            [("row", "Regie | Anna Muster")],
        ),
        (
            "<div class=r><p>Regie</p><p>Anna Muster</p></div><div class=r><p>Licht</p><p>Berta Muster</p></div>",
            [("row", "Regie | Anna Muster"), ("row", "Licht | Berta Muster")],
        ),
        ("<div><p>one</p><p>two</p><p>three</p></div>", [("p", "one"), ("p", "two"), ("p", "three")]),
        ("<div><h3>Tosca</h3><p>19:00</p></div>", [("h3", "Tosca"), ("p", "19:00")]),
        ("<li>Renato:<div><a href=/k>Carlo Muster</a></div></li>", [("row", "Renato: | Carlo Muster")]),
        ("<p>Ensem&shy;ble&shy;matinee &amp;amp; mehr&#8203;</p>", [("p", "Ensemblematinee & mehr")]),
        ("<p>•</p><p>—</p><p>\ue90e</p><p>x</p>", [("p", "x")]),
        ("<div role=heading aria-level=3>Carmen</div>", [("h3", "Carmen")]),
        ("<a href='/tickets'>Tickets</a>", [("link", "Tickets")]),
        ("<figure><img src=x><figcaption>Scene</figcaption></figure>", [("caption", "Scene")]),
        ("<select><option>Sa 14.3. 19:30<option>Alle</select>", [("li", "Sa 14.3. 19:30")]),
        ("<p>unclosed <b>bold<p>next</b> x", [("p", "unclosed bold"), ("p", "next x")]),
    ],
)
def test_visible_text_becomes_one_block_per_line_row_or_heading(body: str, expected: list[tuple[str, str]]):
    assert seen(blocks_of(body)) == expected


def test_a_row_without_its_label_continues_the_row_above():
    page = blocks_of(
        "<div><div class=r><p>Bühne</p><div><a href=/a>Anna Muster</a></div></div>"
        "<div class=r><p> </p><div><a href=/b>Berta Muster</a></div></div></div>"
    )
    assert [block.cells for block in page.blocks] == [("Bühne", "Anna Muster"), ("", "Berta Muster")]


def test_a_list_of_events_in_a_day_box_stays_a_list():
    event = "<div class=e><div class=t>{}</div><div class=n>{}</div></div>"
    page = blocks_of(
        f"<div class=day><div class=d>31</div><div class=es>{event.format('15:30', 'A')}{event.format('20:00', 'B')}</div></div>"
    )
    assert [block.text for block in page.blocks] == ["31", "15:30 | A", "20:00 | B"]


@pytest.mark.parametrize(
    "markup",
    [
        '<div style="display: none">secret</div>',
        '<p style="position:absolute;left:-9999px">secret</p>',
        '<span style="font-size:0">secret</span>',
        "<p hidden>secret</p>",
        '<span class="visually-hidden">secret</span>',
        '<div class="sr-only">secret</div>',
        "<template><p>secret</p></template>",
        "<noscript>secret</noscript>",
        "<!-- a comment that keeps a secret inside -->",
        '<button aria-label="secret">x</button>',
        '<img alt="secret thing" src=x>',
        "<dialog>secret</dialog>",
        "<table><tr><td>a<td hidden>secret</table>",
    ],
)
def test_what_a_visitor_does_not_see_is_kept_apart(markup: str):
    page = blocks_of(f"<p>before</p>{markup}<p>after</p>")
    assert "secret" not in page.as_text()
    assert any("secret" in block.text for block in page.hidden)


@pytest.mark.parametrize(
    "markup",
    [
        '<button aria-controls="c">Cast</button><div id="c" style="display:none"><p>Anna</p></div>',
        '<a href="#c">Cast</a><div id="c" hidden><p>Anna</p></div>',
        '<div role="tabpanel" hidden><p>Anna</p></div>',
        '<div class="d-none d-md-block">Anna</div>',
        '<template shadowrootmode="open"><p>Anna</p></template>',
    ],
)
def test_what_a_visitor_can_open_is_visible(markup: str):
    assert "Anna" in blocks_of(markup).as_text()


@pytest.mark.parametrize(
    ("markup", "chrome"),
    [
        ("<nav>x</nav>", True),
        ("<header>x</header>", True),
        ("<header><h1>x</h1></header>", False),
        ("<article><header>x</header></article>", False),
        ("<footer>x</footer>", True),
        ("<aside>x</aside>", True),
        ("<main><aside>x</aside></main>", False),
        ("<div role=dialog>x</div>", True),
        ("<div class='cookie-banner'>x</div>", True),
        ("<div id=footer>x</div>", True),
        ("<div class=content>x</div>", False),
    ],
)
def test_structural_chrome_is_flagged_by_the_page_alone(markup: str, chrome: bool):
    assert [block.chrome for block in blocks_of(markup).blocks] == [chrome]


def test_chrome_ids_and_paths_do_not_enter_the_checksum():
    one = blocks_of("<nav>Menu</nav><div><p>Tosca</p></div><footer>a</footer>")
    other = blocks_of("<nav>Other menu</nav><nav>more</nav><section><p>Tosca</p></section>")
    assert one.checksum == other.checksum
    assert one.checksum != blocks_of("<p>Carmen</p>").checksum
    assert re.fullmatch("[0-9a-f]{64}", one.checksum)


def test_a_changed_date_attribute_is_a_change_of_the_page():
    assert (
        blocks_of("<div data-d=2027-01-01><p>Tosca</p></div>").checksum
        != blocks_of("<div data-d=2027-01-02><p>Tosca</p></div>").checksum
    )


@pytest.mark.parametrize(
    ("markup", "date"),
    [
        ('<time datetime="2026-04-04 19:00:00">Morgen</time>', "2026-04-04 19:00:00"),
        ('<div data-list-id="04-12-2026"><p>Lohengrin</p></div>', "04-12-2026"),
        ('<div id="box04-2026-14"><p>Lohengrin</p></div>', "04-2026-14"),
        ('<li data-date="20270314">x</li>', "20270314"),
        ('<table><tr><td data-day="2027-03-14">x</table>', "2027-03-14"),
    ],
)
def test_dates_in_attributes_stay_with_the_blocks_of_their_box(markup: str, date: str):
    assert blocks_of(markup).blocks[0].dates == (date,)


@pytest.mark.parametrize(
    "markup",
    [
        '<a href="/x" data-cache="20260402">x</a>',
        '<img src="/2026-03-01/a.jpg"><p>x</p>',
        "<body data-d=2026-01-01><p>x</p>",
    ],
)
def test_numbers_that_date_nothing_are_left_out(markup: str):
    assert blocks_of(markup).blocks[0].dates == ()


def test_links_are_absolute_and_keep_their_words():
    page = blocks_of(
        "<p>Sa 14.3. <a href='../t?id=1'>Tickets</a> <a href='mailto:a@b'>mail</a></p><a href='/prod'><h3>Tosca</h3></a>"
    )
    assert page.blocks[0].links == ("https://house.example/t?id=1",)
    assert page.blocks[0].link_texts == ("Tickets",)
    assert page.blocks[1].links == ("https://house.example/prod",)


def test_a_base_element_moves_relative_links():
    page = blocks_of("<a href='b'>x</a>", head="<base href='https://other.example/y/'>")
    assert page.blocks[0].links == ("https://other.example/y/b",)


def test_headings_above_a_block_are_its_path():
    page = blocks_of("<h1>A</h1><h2>B</h2><p>x</p><h2>C</h2><p>y</p>")
    assert [block.headings for block in page.blocks] == [(), ("A",), ("A", "B"), ("A",), ("A", "C")]


def test_xpaths_lead_back_to_the_element():
    from lxml import html

    source = "<html><head></head><body><div><p>one</p><table><tr><td>a</td><td>b</td></tr></table></div></body></html>"
    page = read_blocks(source.encode(), "text/html", "https://h.example/")
    tree = html.document_fromstring(source)
    texts = [" ".join(tree.xpath(block.path)[0].text_content().split()) for block in page.blocks]
    assert texts == ["one", "ab"]


def test_a_page_says_its_language_and_title():
    page = blocks_of("<p>x</p>", head="<title>Tosca &amp; mehr</title>")
    assert (page.language, page.locale, page.title) == ("de", "de-AT", "Tosca & mehr")


def test_structured_data_becomes_blocks_with_json_pointers():
    data = {
        "@context": "https://schema.org",
        "@graph": [{"@type": "TheaterEvent", "name": "Tosca"}, {"@type": "Organization", "name": "House"}],
    }
    page = blocks_of("<p>x</p>", head=f'<script type="application/ld+json">{json.dumps(data)}</script>')
    found = [block for block in page.blocks if block.kind == "json"]
    assert [block.path for block in found] == ["/html/head/script#/@graph/0", "/html/head/script#/@graph/1"]
    assert json.loads(found[0].text) == {"@type": "TheaterEvent", "name": "Tosca"}


@pytest.mark.parametrize(
    ("script", "pointer"),
    [
        ('<script id="__NEXT_DATA__" type="application/json">%s</script>', "/props/events/0"),
        ("<script>window.__INITIAL_STATE__ = %s;</script>", "/props/events/0"),
        ("<script>window['__NUXT__']=%s</script>", "/props/events/0"),
        ("<script>var eventData = %s; run();</script>", "/props/events/0"),
    ],
)
def test_embedded_state_becomes_blocks(script: str, pointer: str):
    state = {"props": {"events": [{"title": "Tosca", "startDate": "2027-01-15", "buildId": "x1"}]}, "buildId": "abc"}
    page = blocks_of(f"<p>x</p>{script % json.dumps(state)}")
    (found,) = [block for block in page.blocks if block.kind == "json"]
    assert found.path.endswith(f"#{pointer}")
    assert json.loads(found.text) == {"title": "Tosca", "startDate": "2027-01-15"}


def test_microdata_becomes_a_json_block():
    page = blocks_of(
        '<div itemscope itemtype="https://schema.org/MusicEvent"><h2 itemprop="name">Tosca</h2>'
        '<meta itemprop="startDate" content="2027-01-15T19:00">'
        '<div itemprop="location" itemscope itemtype="https://schema.org/Place"><b itemprop="name">Hall</b></div></div>'
    )
    (found,) = [block for block in page.blocks if block.kind == "json"]
    assert json.loads(found.text) == {
        "@type": "MusicEvent",
        "name": "Tosca",
        "startDate": "2027-01-15T19:00",
        "location": {"@type": "Place", "name": "Hall"},
    }


@pytest.mark.parametrize("text", ['{"a": [1, 2,]', "<!-- {} -->", '{"@type": "Event", "name": "x",}', "[" * 5000])
def test_broken_structured_data_does_not_break_the_page(text: str):
    assert "x" in blocks_of("<p>x</p>", head=f'<script type="application/ld+json">{text}</script>').as_text()


def test_a_json_document_becomes_blocks():
    body = json.dumps({"events": [{"title": "Tosca", "date": "2027-01-15"}]}).encode()
    page = read_blocks(body, "application/json", "https://h.example/api")
    assert [(block.kind, block.path) for block in page.blocks] == [("json", "#/events/0")]


def test_the_lines_of_a_pdf_become_blocks_with_their_page():
    page = read_blocks(
        pdf_of(["Annual report 2025", "Ticket revenue 1,234"]), "application/pdf", "https://h.example/r.pdf"
    )
    assert [(block.kind, block.text, block.path) for block in page.blocks] == [
        ("pdf", "Annual report 2025", "page[1]"),
        ("pdf", "Ticket revenue 1,234", "page[1]"),
    ]


def test_an_image_has_no_blocks():
    assert read_blocks(b"\x89PNG\r\n", "image/png", "https://h.example/a.png").blocks == ()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<p>Dvořák</p>".encode(), "text/html"),
        ("<p>Dvořák</p>".encode("iso-8859-2"), "text/html; charset=iso-8859-2"),
        ('<meta charset="windows-1250"><p>Dvořák</p>'.encode("cp1250"), "text/html"),
        ("<p>Dvořák</p>".encode("utf-16"), "text/html"),
    ],
)
def test_encodings_are_found(body: bytes, content_type: str):
    assert read_blocks(body, content_type, "https://h.example/").blocks[-1].text == "Dvořák"


def test_the_text_for_prompts_has_one_line_per_block():
    page = blocks_of("<h2>Tosca</h2><p>a<br>b</p><div data-d=2027-01-01><p>x</p></div>")
    assert page.as_text() == "b1 | h2 | Tosca\nb2 | p | a / b\nb3 | p | x [2027-01-01]"


@given(st.binary(max_size=400) | st.text(max_size=300).map(lambda text: f"<div><p>{text}<table><tr><td>".encode()))
def test_no_page_raises(body: bytes):
    for content_type in ("text/html", "application/json", "application/pdf", None):
        page = read_blocks(body, content_type, "https://house.example/")
        assert all(isinstance(block, Block) for block in page.blocks)
        assert page.checksum


_TAGS = st.sampled_from(
    ["div", "p", "li", "tr", "td", "dl", "dt", "dd", "h2", "span", "a href=/x", "br", "table", "b", "nav"]
)


@given(st.lists(st.tuples(_TAGS, st.booleans(), st.text("abc 12", max_size=6)), max_size=40))
def test_no_visible_word_is_lost(parts: list[tuple[str, bool, str]]):
    body = "".join(
        f"<{'/' if closing else ''}{tag.split()[0] if closing else tag}>{text}" for tag, closing, text in parts
    )
    page = blocks_of(f"<p>start</p><div>{body}")
    words = re.findall(r"[a-c12]+", re.sub(r"<[^>]*>", " ", body))
    shown = "".join(block.text for block in page.blocks)
    assert all(character in shown for word in words for character in word)


def pdf_of(lines: list[str]) -> bytes:
    """Return a one-page PDF that prints the lines."""
    text = " ".join(f"({line}) Tj 0 -20 Td" for line in lines)
    stream = f"BT /F1 12 Tf 72 720 Td {text} ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    return assembled(objects)


def test_the_sample_houses_lose_no_text():
    root = Path(__file__).parents[2] / "sample_houses" / "pages"
    for path in root.rglob("*.html"):
        body = path.read_bytes()
        page = read_blocks(body, "text/html", "https://h.example/", "utf-8")
        answer = path.with_suffix(".expected.json")
        if not answer.exists():
            continue
        for production in json.loads(answer.read_text(encoding="utf-8")).get("productions", []):
            shown = "\n".join(block.text for block in page.blocks)
            assert production.get("opera_title", "") in shown, path
