"""Invented opera companies, served on this machine, with the right answer beside every page.

They are sample data: the houses, their towns and every artist are invented and say so in each page's footer; only
works, composers and roles are real. No page depends on the clock, and no weekday is wrong.

Beside ``pages/<house>/<page>.html`` lies ``<page>.expected.json``: the PageExtraction of that page without ``block``,
nulls and empty lists (``answers.page_extraction`` puts them back). ``{{origin}}`` in any file stands for the address
at which the house is served. Data that a page's script loads and that states productions is a page too. What two
readers could see differently is settled so:

*Pages.* ``page_type`` is ``production`` for one event of any genre, ``performance`` for one evening, ``calendar`` for
a list of evenings, ``season`` for a list of productions, ``artist`` for one person, ``company`` for a house's start
page without events, else ``other``. The company is stated on every page (by its footer at least), city and country
included, and in no data.

*What is a production.* A title with a date, a credit or a composer of its own; every event of any genre is listed.
Not: links in navigation or in an ``aside``, other houses' evenings in a biography, goods in a shop, news, and what a
visitor does not see (comments, ``display:none``; structured data and embedded state do count). Rows of one work on
one page are one production, unless presentation or season differ. A talk, tour, concert or ballet carries its
printed title as ``opera_title`` and says what it is in ``genre``; a shortened or family version of a work has the
work's title there and its own in ``production_title``.

*Where a value stands.* Where it is printed: venue and city on the production when printed once for the run, on the
evening when printed with the evening, on both when printed in both places. ``season`` only where the page's content
(not its navigation) prints it. ``genre`` always. Nothing is carried over from another page.

*Works* are listed when the evening has several, or when the page names the version or extent of one. A bill's
``opera_title`` and ``composer`` are as printed, joined.

*People.* One entry per person and function, per performer and role. ``main`` sings a role alone, ``alternate`` shares
it (all who share it), ``jump_in`` replaces somebody for an evening, ``cover`` is called so; null on an artist's page,
which does not show who else sings the role. Nights are listed where the page prints them beside the name or above a
dated cast list, even if they are all. Orchestra and chorus are credits when labelled. Composer and librettist are
not repeated as credits. "N. N." and "u. a." are nobody.

*Evenings* are dates on which the page says the work is played: rows of a list, headings of a cast list, "Premiere am
20. März 2027". Not: dates beside a name, ends of a range, the start of booking, an earlier season. The year counts as
printed if the row, its ``datetime``, or the heading over it has it; else it follows from the season and
``year_inferred`` is true. ``status`` is null unless said (structured data say it with ``EventScheduled``);
``availability`` is what the sale says, ``on_sale`` for a bare link to buy, null for a cancelled evening; free
admission is an availability, not a price. ``type`` is what a word beside the evening says, ``last_night`` before
``matinee``.

*First and last night.* ``premiere_date`` is an evening of this run marked as premiere or as revival's first night;
``closing_date`` the end of a printed range, else an evening marked as the last. The start of a range alone marks
nothing. ``premiere_words`` are the words on the page that mark premiere or revival, each once. ``production_type``
is ``new`` where the page says "new production" or its like, ``revival`` where it says so; "Premiere" alone is neither.

*Prices.* One entry per category and amount; ``exact`` also for a printed range; ``paid`` for every amount. Nights
only where the price stands with the evening.

``expected_marts/mart_production_summary.csv`` is what the warehouse must say when it has read every page: complete
operas and operettas, under their reference titles and composers, a bill under its first work. A run opens with the
evening marked so, else its first, and closes on the marked or stated last night, else its last that is not
cancelled; the conductor is who conducts most evenings.
"""
