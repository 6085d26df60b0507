"""What an expert says about real productions, titles and names: the measure of the warehouse's resolution.

Made by hand, by reading and knowledge of opera, before the resolution was measured and without looking at it. The
source is a public directory of 2,971 productions of 149 houses, scraped by machine, dirt included (August 2026);
it is not kept here. Each file is split at random in halves: ``split`` is ``tune`` or ``held_out``, and the held-out
half is not looked at while the resolution is tuned. 60 rows and 60 pairs drawn at random were labelled a second time,
by the same reader, from the bare rows: every label came out the same, 4 of the 60 ``kind`` of rows did not (a play with
dance, an exhibition). That measures care, not knowledge: nobody else has read them yet.

``resolution_rows.csv``: 600 productions, one drawn from each house, the rest from all (seed 20260501; split 20260502).
    ``line`` of the source (from 1), ``url``, ``company``, ``opera_title`` and ``composer`` as printed.
    ``label``: ``work:`` and an id of ``opera_works.csv`` (342; several joined by ``+`` in order for a bill of several,
    ``other_opera`` for a part the reference lacks), ``children_version:`` and the id of the opera shortened or retold
    (8), ``other_opera`` the reference lacks (88; operettas too), ``not_opera`` (141), ``unclear`` where an expert could
    not tell from title, composer, roles, credits and address (21).
    ``kind``: ``opera``, or what it is instead; a ``work:`` that is a musical, an oratorio or a cantata says so here.
    ``true_title`` and ``true_composer`` of an ``other_opera``, as far as known; ``note`` says what was not obvious.
``resolution_pairs.csv``: 1,000 pairs of names (``person``, 500) or titles (``work``, 500; seeds 20260503 to 20260507).
    ``left``, ``right``; ``left_context``, ``right_context``: house and roles of a person, composer and house of a work.
    ``label``: ``same`` (508), ``different`` (484) or ``unclear`` (8). A work is the same across translations,
    subtitles and the author's own versions; not so a children's version, an adaptation, a part of a cycle or of a bill,
    a talk about it, a ballet or play of that title. Equal names in two houses are one person or two, as the context says.
    ``drawn``: ``look-alikes`` (500, by small edit distance, shared surname or shared title) or ``mixed`` (500: true equals in
    different spelling and plain differents). A ``right`` whose context says so was written by hand, since the source
    holds few scripts and orders of a name: it is how that person or work is printed elsewhere.
``names.csv``: 200 names as printed in credits and casts, three quarters of them odd (seed 20260508; split 20260509).
    ``label``: ``person`` (101), ``ensemble`` (31; a choir, orchestra, group or theatre), ``several`` (27; people or
    ensembles in one string), ``not_a_name`` (41; a role, a placeholder, rest of a list). ``clean_names`` joined by ``; ``.
"""
