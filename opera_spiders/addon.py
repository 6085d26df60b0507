"""Scrapy settings that follow from the project's configuration: ``-s``, environment or ``.env``."""

from __future__ import annotations

import logging

from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings

from opera_spiders import __version__
from opera_spiders.config import Config

logger = logging.getLogger(__name__)

#: Between two requests of somebody whom no host can ask to stop, unless the networks to crawl are the operator's own.
ANONYMOUS_DELAY_SECONDS = 10.0

_PROJECT = SETTINGS_PRIORITIES["project"]


class OperaAddon:
    """Fills in who we say we are, how softly we tread without a name, and where cache and turns lie.

    A setting given by ``-s`` stands.
    """

    def update_settings(self, settings: BaseSettings) -> None:
        """Set what ``Config`` decides.

        :raises BadInputError: a value of the configuration cannot be used
        """
        config = Config.from_settings(settings)
        if config.opera_contact is None:
            if not config.opera_allowed_networks and (settings.getpriority("DOWNLOAD_DELAY") or 0) <= _PROJECT:
                settings.set("DOWNLOAD_DELAY", ANONYMOUS_DELAY_SECONDS, priority="project")
            logger.warning(
                "OPERA_CONTACT is not set: whoever finds us in a log and wants us to stop can reach nobody, for the "
                "page in our user agent is a placeholder. Set it to your e-mail address or a page of yours. "
                "Until then %g s pass between two requests to a house.",
                settings.getfloat("DOWNLOAD_DELAY"),
            )
        else:
            settings.set("USER_AGENT", user_agent(config.opera_contact), priority="project")
        if settings.getpriority("HTTPCACHE_DIR") == 0 and settings.getbool("HTTPCACHE_ENABLED"):
            settings.set("HTTPCACHE_DIR", str(config.opera_home_path() / "httpcache"), priority="addon")
        if settings["OPERA_TURNS_DIR"] is None:
            settings.set("OPERA_TURNS_DIR", str(config.opera_home_path() / "turns"), priority="addon")


def user_agent(contact: str) -> str:
    """Return the name under which hosts see us.

    >>> user_agent("curator@example.org").partition(" ")[2]
    '(+mailto:curator@example.org)'
    """
    contact = " ".join(contact.split())
    if "@" in contact and ":" not in contact:
        contact = f"mailto:{contact}"
    return f"OperaResearchBot/{__version__} (+{contact})"
