"""Reading processes that outlive the crawl or command that started them, as these are short and many here.

A new process reads its first page a second later than one that has the vocabularies.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import psutil

from opera_spiders import bounded
from opera_spiders.bounded import BoundedProcesses

_KEPT: list[subprocess.Popen[bytes]] = []
_start = BoundedProcesses._started


def _take(processes: BoundedProcesses) -> subprocess.Popen[bytes]:
    return _KEPT.pop() if _KEPT else _start(processes)


def _keep(processes: BoundedProcesses) -> None:
    _KEPT.extend(processes._idle)
    processes._idle.clear()


@contextmanager
def shared() -> Iterator[None]:
    """Let what closes its processes leave them to what starts some, until the block ends, and they with it."""
    with patch.multiple(BoundedProcesses, _started=_take, close=_keep):
        yield
    while _KEPT:
        bounded._end(_KEPT.pop())


def left_running() -> list[str]:
    """Return the names of the processes that were started from here and run on, but for those that are shared."""
    kept = {process.pid for process in _KEPT}
    return [child.name() for child in psutil.Process().children(recursive=True) if child.pid not in kept]
