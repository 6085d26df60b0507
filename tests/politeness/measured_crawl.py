"""One crawl in a process of its own; its last line on stdout says what the process and its children took."""

from __future__ import annotations

import atexit
import json
import resource
import sys
from pathlib import Path

from scrapy.cmdline import execute


def report() -> None:
    """Print the peak of resident memory in MiB and the CPU time in seconds, of this process and of its children."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    sys.stdout.write(
        json.dumps(
            {
                # Not ru_maxrss, which begins with what the parent held.
                "peak_mib": int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024,
                "children_peak_mib": children.ru_maxrss / 1024,
                "cpu_seconds": own.ru_utime + own.ru_stime,
            }
        )
        + "\n"
    )


if __name__ == "__main__":
    atexit.register(report)
    execute(["scrapy", "crawl", "opera", *sys.argv[1:]])
