from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

from sample_houses.server import SampleHouses
from tests.end_to_end.conftest import ROOT, Opera

CONFIGURATION = """\
[scrapyd]
bind_address = 127.0.0.1
http_port = {port}
username = deployer
password = secret-of-the-test
poll_interval = 0.2
jobstorage = scrapyd.jobstorage.SqliteJobStorage
eggs_dir = {directory}/eggs
logs_dir = {directory}/logs
dbs_dir = {directory}/dbs
"""


class Scrapyd:
    """A Scrapyd on loopback with Opera's environment, not started in a checkout: it has nothing but the egg."""

    def __init__(self, opera: Opera, directory: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self.directory = directory
        (directory / "scrapyd.conf").write_text(CONFIGURATION.format(port=self.port, directory=directory))
        environment = {name: value for name, value in opera.environment().items() if name != "PYTHONPATH"}
        self.output = directory / "scrapyd.log"
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [Path(sys.executable).with_name("scrapyd")],
                cwd=directory,
                env=environment,
                stdout=output,
                stderr=output,
            )
        deadline = monotonic() + 60
        while "started: max_proc" not in self.output.read_text():
            assert self.process.poll() is None and monotonic() < deadline, self.output.read_text()
            sleep(0.05)

    def ask(self, service: str, **data: str) -> dict[str, object]:
        passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        passwords.add_password(None, self.url, "deployer", "secret-of-the-test")
        opener = urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(passwords))
        body = urllib.parse.urlencode(data).encode() if service == "schedule" else None
        query = "" if body else "?" + urllib.parse.urlencode(data)
        with opener.open(f"{self.url}{service}.json{query}", body, timeout=60) as answer:
            return json.load(answer)

    def log_of(self, job: str) -> str:
        return "".join(file.read_text() for file in self.directory.glob(f"logs/opera_spiders/opera/{job}*"))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def scrapyd(new_opera: Callable[..., Opera], tmp_path: Path) -> Iterator[tuple[Scrapyd, Opera]]:
    opera = new_opera()
    daemon = Scrapyd(opera, tmp_path)
    yield daemon, opera
    daemon.process.terminate()
    daemon.process.wait(timeout=30)


def test_a_deployed_egg_crawls_a_scheduled_house_into_staging(
    scrapyd: tuple[Scrapyd, Opera], sample_houses: SampleHouses, tmp_path: Path
) -> None:
    daemon, opera = scrapyd
    # scrapyd-deploy builds in the checkout; a copy keeps its leavings out of ours.
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    for name in ("setup.py", "pyproject.toml", "scrapy.cfg"):
        shutil.copy(ROOT / name, checkout / name)
    shutil.copytree(ROOT / "opera_spiders", checkout / "opera_spiders", ignore=shutil.ignore_patterns("__pycache__"))
    configuration = (checkout / "scrapy.cfg").read_text().replace("http://127.0.0.1:6800/", daemon.url)
    (checkout / "scrapy.cfg").write_text(f"{configuration}\nusername = deployer\npassword = secret-of-the-test\n")
    deployed = subprocess.run(
        [Path(sys.executable).with_name("scrapyd-deploy")], cwd=checkout, env=opera.environment() | {"PYTHONPATH": ""},
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    assert daemon.ask("listspiders", project="opera_spiders")["spiders"] == ["opera"]

    house = sample_houses.house("carrowick")
    job = daemon.ask(
        "schedule", project="opera_spiders", spider="opera", domain=house.domain, max_pages="3",
        setting="DOWNLOAD_DELAY=0",
    )["jobid"]  # fmt: skip
    deadline = monotonic() + 120
    while not any(ended["id"] == job for ended in daemon.ask("listjobs", project="opera_spiders")["finished"]):  # type: ignore[attr-defined]
        assert monotonic() < deadline, daemon.log_of(str(job))
        sleep(0.05)

    log = daemon.log_of(str(job))
    assert opera.rows("select outcome from staging.crawl_runs") == [("budget",)], log
    assert opera.value("select count(*) from staging.stg_scraped_pages") == 3, log
    assert opera.value("select count(*) from staging.stg_llm_extractions where error is null") == 3, log
