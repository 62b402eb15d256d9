"""`python -m bot.training.tied COMMAND…`: runs a command, politely, that ends with whoever started it.

A training takes minutes and must not outlive the service that watches it. The system closes our standard input when the service ends, however
it ends; then, and at SIGTERM, the command and everything it started is killed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

NICE = 10  # turns go first


def main() -> int:
    """Exit with the command's code."""
    os.nice(NICE)
    command = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)

    def end(*_: object) -> None:
        try:
            os.killpg(command.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def wait_for_the_end_of_our_starter() -> None:
        while os.read(0, 1024):
            pass
        end()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; our starter decides
    threading.Thread(target=wait_for_the_end_of_our_starter, daemon=True).start()
    return command.wait()


if __name__ == "__main__":
    code = main()
    os._exit(code if code >= 0 else 128 - code)  # the thread still reads
