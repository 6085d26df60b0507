"""Crawls the websites of opera companies and extracts what they announce, with evidence for every value."""

__version__ = "0.1.0"

#: Where hosts that see our user agent can read who we are; OPERA_CONTACT names somebody to talk to. The name is
#: reserved and belongs to nobody: whoever publishes the project puts its page here.
PROJECT_PAGE = "https://opera-research-bot.example/"
