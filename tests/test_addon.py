from __future__ import annotations

import pytest
from scrapy.settings import Settings

from opera_spiders import settings as project
from opera_spiders.addon import ANONYMOUS_DELAY_SECONDS, OperaAddon


@pytest.mark.parametrize(
    ("variables", "given", "delay_seconds"),
    [
        ({"OPERA_CONTACT": "me@example.org"}, {}, project.DOWNLOAD_DELAY),
        ({}, {}, ANONYMOUS_DELAY_SECONDS),
        ({}, {"DOWNLOAD_DELAY": "3"}, 3.0),
        ({"OPERA_ALLOWED_NETWORKS": "127.0.0.1/32"}, {}, project.DOWNLOAD_DELAY),
    ],
    ids=["with a contact", "without", "without, as told", "on networks of one's own"],
)
def test_who_gives_no_contact_asks_less_often(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], given: dict[str, str], delay_seconds: float
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    settings.setmodule(project, priority="project")
    settings.setdict(given, priority="cmdline")

    OperaAddon().update_settings(settings)

    assert settings.getfloat("DOWNLOAD_DELAY") == delay_seconds
    assert ("example.org" in settings["USER_AGENT"]) is ("OPERA_CONTACT" in variables)
