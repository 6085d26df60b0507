"""Builds the egg that ``scrapyd-deploy`` uploads; all there is to say about it stands in pyproject.toml."""

from setuptools import setup

setup()
