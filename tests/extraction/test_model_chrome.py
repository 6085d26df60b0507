"""What repeats on a site is left out of prompts, unless it may say something of a performance."""

from __future__ import annotations

from opera_spiders.extraction.blocks import PageBlocks, read_blocks
from opera_spiders.extraction.model_chrome import FEWEST_PAGES, learn, without_chrome

REPEATED = (
    "<div><span>Box office</span></div><ul><li>Our story</li><li>Carmen: 3 May 2027</li><li>from 15 €</li></ul>"
    "<p>Conductor: Alma Prell</p><table><tr><td>Tosca</td><td>Ada Brandt</td></tr></table><p>We welcome you.</p>"
)


def page(number: int, repeated: str = REPEATED) -> PageBlocks:
    html = f"<html lang=en><body>{repeated}<h1>Tosca {number}</h1></body></html>"
    return read_blocks(html.encode(), "text/html", f"https://opera.example/{number}")


def texts(page: PageBlocks) -> list[str]:
    return [block.text for block in page.blocks]


def test_what_repeats_is_left_out_and_what_may_state_a_fact_stays() -> None:
    chrome = learn([page(number) for number in range(10)])
    assert texts(without_chrome(page(3), chrome)) == [
        "Carmen: 3 May 2027",
        "from 15 €",
        "Conductor: Alma Prell",
        "Tosca | Ada Brandt",
        "Tosca 3",
    ]


def test_what_stands_on_less_than_most_pages_is_content() -> None:
    pages = [page(number, "<p>Guest evening</p>" if number < 5 else "") for number in range(10)]
    assert learn(pages) == frozenset()


def test_of_few_pages_nothing_is_learnt() -> None:
    assert learn([page(number) for number in range(FEWEST_PAGES - 1)]) == frozenset()


def test_a_page_of_nothing_but_chrome_is_shown_whole() -> None:
    pages = [page(number, "<p>We welcome you.</p>") for number in range(10)]
    bare = read_blocks(
        b"<html lang=en><body><p>We welcome you.</p></body></html>", "text/html", "https://opera.example/"
    )
    assert without_chrome(bare, learn(pages)) == bare
