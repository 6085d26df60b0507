"""Processes that read strangers' bytes: what a call may take, and what becomes of a process."""

from __future__ import annotations

import asyncio
import ctypes
import operator
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from opera_spiders.bounded import BoundedProcesses, BoundExceededError

ENDLESS = ("(a|aa)+$", "a" * 60 + "b")  # a regular expression that backtracks for years


@pytest.fixture
async def processes() -> AsyncIterator[BoundedProcesses]:
    bounded = BoundedProcesses(cpu_seconds=1)
    yield bounded
    bounded.close()


async def test_a_call_returns_or_raises_what_it_would_here(processes: BoundedProcesses):
    assert await processes.run(operator.add, 1, 2) == 3
    with pytest.raises(ZeroDivisionError):
        await processes.run(operator.truediv, 1, 0)


async def test_a_process_is_kept_for_the_next_call(processes: BoundedProcesses):
    first, second = await processes.run(os.getpid), await processes.run(os.getpid)
    assert first == second != os.getpid()


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (re.match, ENDLESS),
        (bytearray, (2**31,)),
        (ctypes.string_at, (0,)),
        (os._exit, (3,)),
        (signal.raise_signal, (9,)),
    ],
    ids=["without end", "too large", "crashes", "exits", "is killed"],
)
async def test_what_kills_or_holds_up_its_process_costs_that_call_only(
    processes: BoundedProcesses, function: Callable[..., Any], arguments: tuple[Any, ...]
):
    with pytest.raises(BoundExceededError, match="reading takes more than"):
        await processes.run(function, *arguments)
    assert await processes.run(operator.add, 1, 2) == 3


async def test_no_more_processes_run_than_there_are_places():
    bounded = BoundedProcesses(2)
    asked = await asyncio.gather(*(bounded.run(os.getpid) for _ in range(10)))
    bounded.close()
    assert 1 <= len(set(asked)) <= 2


async def test_a_process_that_has_grown_is_replaced_and_its_answer_kept():
    bounded = BoundedProcesses(memory_bytes=256 * 2**20)
    first = await bounded.run(os.getpid)
    grown = await bounded.run(eval, "len(bytes([1]) * 160 * 2**20)")
    second = await bounded.run(os.getpid)
    bounded.close()
    assert grown == 160 * 2**20
    assert first != second
    assert not psutil.pid_exists(first)


@pytest.mark.parametrize("call", ["operator.add, 1, 2", f"re.match, *{ENDLESS!r}"], ids=["idle", "busy"])
def test_a_process_ends_when_its_owner_is_killed(call: str):
    owner = f"""
import asyncio, operator, os, re
from opera_spiders.bounded import BoundedProcesses
async def main():
    bounded = BoundedProcesses(cpu_seconds=2)
    print(await bounded.run(os.getpid), flush=True)
    await bounded.run({call})
    await asyncio.Event().wait()
asyncio.run(main())
"""
    with subprocess.Popen(
        [sys.executable, "-c", owner], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
    ) as process:
        assert process.stdout is not None
        child = psutil.Process(int(process.stdout.readline()))
        process.kill()
    child.wait(timeout=60)
