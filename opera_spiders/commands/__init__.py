"""What the scripts and ``scrapy`` itself call.

Scrapy imports every module here at each start, so heavy imports stand inside functions.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from opera_spiders.errors import OperaError

#: Exit status of a command that Ctrl-C ended, as shells have it.
INTERRUPTED = 130


def run_command(command: Callable[[], int]) -> int:
    """Return the exit status of ``command``; an error of ours becomes its one line on stderr and its own status."""
    try:
        return command()
    except OperaError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        print("Interrupted. Run the same command again: what is done is kept, nothing is done twice.", file=sys.stderr)
        return INTERRUPTED
