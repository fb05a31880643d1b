"""Ctrl+C while a command is still being loaded: nothing has been done, so a line and an exit code will do."""

import os
import signal
from types import FrameType

INTERRUPTED = 130
"""What shells give a program that ended by Ctrl+C: 128 and the number of the signal."""


def end_at_once() -> None:
    """From here Ctrl+C ends the program without a word about what was half loaded.

    Where it is ignored, as under nohup, it stays so.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def raise_again() -> None:
    """From here it is KeyboardInterrupt again, so that a command that is under way can put things right."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(_number: int, _frame: FrameType | None) -> None:
    os.write(2, b"\nAborted!\n")
    os._exit(INTERRUPTED)
