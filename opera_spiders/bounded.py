"""Processes in which strangers' bytes are read, bounded in time and memory.

A parser written in C and a regular expression cannot be stopped in a thread; a process can. The bound is CPU time, so a
busy machine loses no page that an idle one reads.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import pickle
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, ParamSpec, TypeVar

from opera_spiders.errors import OperaError

P = ParamSpec("P")
R = TypeVar("R")

CPU_SECONDS = 20.0
MEMORY_BYTES = 512 * 1024 * 1024
_START = "from opera_spiders.bounded import serve; serve()"


class BoundExceededError(OperaError):
    """A page would take more time or memory than any honest page does."""


class BoundedProcesses:
    """Runs functions of importable modules in up to ``count`` processes, started when needed and then kept.

    What goes in and out is pickled. The processes end with this one, however it ends. One that has filled half of its
    memory (vocabularies, what was read before) is replaced after its answer.

    :param cpu_seconds: of one call
    :param memory_bytes: of one process (data segment; Linux only)
    """

    def __init__(self, count: int = 1, *, cpu_seconds: float = CPU_SECONDS, memory_bytes: int = MEMORY_BYTES) -> None:
        self.cpu_seconds = cpu_seconds
        self.memory_bytes = memory_bytes
        self._places = asyncio.Semaphore(count)
        self._idle: list[subprocess.Popen[bytes]] = []

    async def run(self, function: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
        """Return what ``function`` returns, or raise what it raises.

        :raises BoundExceededError: it takes too long or too much
        """
        async with self._places:
            process = self._idle.pop() if self._idle else self._started()
            call = asyncio.ensure_future(asyncio.to_thread(self._call, process, (function, arguments, named)))
            # A cancelled caller does not wait; the process is busy until it answers.
            is_error, result = await asyncio.shield(call)
        if is_error:
            raise result
        return result  # type: ignore[no-any-return]

    def close(self) -> None:
        """End the processes that are idle; the others end when they have answered."""
        for process in self._idle:
            _end(process)
        self._idle.clear()

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-c", _START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # What is importable here is importable there, an egg included.
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,  # a terminal's Ctrl-C ends the crawl in order, and this process with it
        )

    def _call(self, process: subprocess.Popen[bytes], call: Any) -> tuple[bool, Any]:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            _write(process.stdin, (self.cpu_seconds, self.memory_bytes, *call))
            is_error, result, is_last = _read(process.stdout)
        except (BrokenPipeError, EOFError, pickle.UnpicklingError):
            process.kill()
            _end(process)
            why = "was ended" if process.returncode == -signal.SIGKILL else f"ended with status {process.returncode}"
            return True, BoundExceededError(
                f"reading takes more than {self.cpu_seconds:g} s or {self.memory_bytes / 2**20:.0f} MiB (it {why})"
            )
        if is_last:
            _end(process)
        else:
            self._idle.append(process)
        return is_error, result


class Threads:
    """Runs functions in threads of this process, without a bound: for bytes that are no stranger's."""

    async def run(self, function: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
        """Return what ``function`` returns, or raise what it raises."""
        return await asyncio.to_thread(function, *arguments, **named)

    def close(self) -> None:
        """End nothing: the threads are asyncio's."""


def _end(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
    process.wait()


def _write(pipe: IO[bytes], value: Any) -> None:
    content = pickle.dumps(value, protocol=5)
    pipe.write(len(content).to_bytes(8, "big"))
    pipe.write(content)
    pipe.flush()


def _read(pipe: IO[bytes]) -> Any:
    length = pipe.read(8)
    if len(length) < 8:
        raise EOFError
    return pickle.loads(pipe.read(int.from_bytes(length, "big")))  # noqa: S301 (between two processes of ours)


def serve() -> None:
    """Answer the calls on stdin until it is closed: what the processes do."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    signal.signal(signal.SIGPROF, _stop)
    gc.set_threshold(50_000, 20, 50)  # default 700, 10, 10: a page makes thousands of blocks, and no cycles
    while True:
        try:
            cpu_seconds, memory_bytes, function, arguments, named = _read(sys.stdin.buffer)
        except EOFError:
            return
        _bound(cpu_seconds, memory_bytes)
        try:
            answer = False, function(*arguments, **named)
        except _TooLongError:
            answer = True, BoundExceededError(f"reading takes more than {cpu_seconds:g} s")
        except MemoryError:
            answer = True, BoundExceededError(f"reading takes more than {memory_bytes / 2**20:.0f} MiB")
        except Exception as error:
            answer = True, error
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        is_last = _largest_bytes() > memory_bytes / 2
        try:
            _write(answers, (*answer, is_last))
        except BrokenPipeError:  # whoever asked is gone
            os._exit(0)
        if is_last:
            return


def _largest_bytes() -> int:
    """Return the most memory that this process has held."""
    try:
        # Not getrusage: on Linux its maximum begins with what the parent held when it started us.
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


class _TooLongError(BaseException):
    """Passes through ``except Exception``."""


def _stop(*_: object) -> None:
    raise _TooLongError


def _bound(cpu_seconds: float, memory_bytes: int) -> None:
    """Bound the next call: Python code and regular expressions are interrupted, other C code is ended by the kernel."""
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    soft = int(used.ru_utime + used.ru_stime + 1.5 * cpu_seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard < 0 else min(soft, hard), hard))
    if sys.platform == "linux":
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes if hard < 0 else min(memory_bytes, hard), hard))
