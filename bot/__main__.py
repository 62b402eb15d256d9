"""`sapa …`: the command line. `sapa --help` lists what it does; each part of it lives in bot/operations/."""

from __future__ import annotations

import argparse
import sys

from bot.client import ClientDataError
from bot.operations import backup, demo, figures, nlu, running, tickets, training, users, whatsapp
from bot.operations.dumps import CannotDump
from bot.settings import SettingsError


def main() -> None:
    """Run one command; what the operator got wrong is one clear line and exit code 2."""
    parser = argparse.ArgumentParser(prog="sapa", description="Chatbot and agent desk for WhatsApp and live chat.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for part in (running, demo, users, whatsapp, tickets, figures, nlu, training, backup):
        part.add_commands(commands)
    options = parser.parse_args()
    try:
        sys.exit(options.run(options) or 0)
    except (SettingsError, ClientDataError, running.CannotStart, CannotDump) as error:
        sys.exit(f"sapa: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
