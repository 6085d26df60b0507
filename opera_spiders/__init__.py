"""Crawls the websites of opera companies and extracts what they announce, with evidence for every value."""

__version__ = "0.1.0"

#: Where hosts that see our user agent can read who we are; OPERA_CONTACT names somebody to talk to.
PROJECT_PAGE = "https://github.com/opera-spiders/opera-spiders"
