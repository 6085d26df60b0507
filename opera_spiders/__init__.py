"""Crawls the websites of opera companies and extracts what they announce, with evidence for every value."""

__version__ = "0.1.0"
