"""Long pages are cut where sections begin, and nothing is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from opera_spiders.extraction.blocks import Block, PageBlocks, block_line
from opera_spiders.extraction.page_parts import PagePart, page_parts

kinds = st.sampled_from(["h1", "h2", "h3", "p", "li", "row"])


@st.composite
def pages(draw: st.DrawFn) -> PageBlocks:
    blocks = []
    above: list[tuple[str, str]] = []
    for number, kind in enumerate(draw(st.lists(kinds, min_size=1, max_size=60)), start=1):
        text = draw(st.text(alphabet="aé ", min_size=1, max_size=40))
        if kind.startswith("h"):
            above = [heading for heading in above if heading[0] < kind]
        blocks.append(
            Block(f"b{number}", kind, text, "", tuple(text for _, text in above), chrome=draw(st.integers(0, 9)) == 0)
        )
        if kind.startswith("h"):
            above.append((kind, text))
    return PageBlocks("https://example.org/", tuple(blocks))


def own(part: PagePart) -> list[Block]:
    return list(part.blocks[part.start : part.stop])


def content(page: PageBlocks) -> list[Block]:
    return [block for block in page.blocks if not block.chrome]


@given(pages(), st.integers(1, 400))
def test_the_parts_hold_each_block_outside_chrome_once_and_in_order(page: PageBlocks, limit_bytes: int) -> None:
    assert [block for part in page_parts(page, limit_bytes) for block in own(part)] == content(page)


@given(pages(), st.integers(1, 400))
def test_a_part_is_within_the_limit_unless_it_is_one_block(page: PageBlocks, limit_bytes: int) -> None:
    for part in page_parts(page, limit_bytes):
        size = sum(len(block_line(block).encode()) + 1 for block in own(part))
        assert size <= limit_bytes or len(own(part)) == 1


@given(pages())
def test_halves_hold_each_block_once_down_to_single_blocks(page: PageBlocks) -> None:
    waiting, single = page_parts(page, 10_000), []
    while waiting:
        part = waiting.pop(0)
        halves = part.halves()
        if halves is None:
            single += own(part)
        else:
            waiting = [*halves, *waiting]
    assert single == content(page)


def page(*blocks: Block) -> PageBlocks:
    return PageBlocks("https://example.org/", blocks)


def test_a_part_that_begins_inside_a_section_repeats_its_headings_and_numbers_its_blocks_anew() -> None:
    blocks = (
        Block("b1", "title", "Season", ""),
        Block("b2", "h1", "Opera", ""),
        Block("b3", "h2", "Tosca", "", ("Opera",)),
        Block("b4", "p", "1 May", "", ("Opera", "Tosca")),
        Block("b5", "h2", "Carmen", "", ("Opera",)),
        Block("b6", "p", "2 May", "", ("Opera", "Carmen")),
        Block("b7", "p", "3 May", "", ("Opera", "Carmen")),
    )
    part = PagePart(blocks, 6, 7)
    assert part.as_text().splitlines() == [
        "b1 | title | Season",
        "b2 | h1 | Opera",
        "b3 | h2 | Carmen",
        "b4 | p | 3 May",
    ]
    assert part.page_ids() == {"b1": "b1", "b2": "b2", "b3": "b5", "b4": "b7"}


def test_a_page_is_cut_before_the_heading_that_is_least_deep() -> None:
    one = [Block("b1", "h2", "Tosca", ""), *(Block(f"b{n}", "p", "May", "", ("Tosca",)) for n in range(2, 7))]
    two = [Block("b7", "h2", "Carmen", ""), *(Block(f"b{n}", "p", "May", "", ("Carmen",)) for n in range(8, 12))]
    first, second = page_parts(page(*one, *two), limit_bytes=110)
    assert own(second)[0].text == "Carmen"
    assert first.name == "b1 to b6"
    halves = PagePart((*one, *two), 0, 11).halves()
    assert halves is not None
    assert own(halves[1])[0].text == "Carmen"


def test_a_page_without_text_has_no_parts() -> None:
    assert page_parts(page(), 100) == []
    assert page_parts(page(Block("b1", "p", "Menu", "", chrome=True)), 100) == []
