"""The program `quartet`: the flask commands of the whole shop, or of the entry point that `--app` names."""

import os

from flask.cli import FlaskGroup

WHOLE = "app.wsgi"
HELP = """A commerce backend of four isolated modules on one bus.

Messages name a command as `flask …`: run it as `quartet …`."""


def main() -> None:
    """Run one command. FLASK_APP or `--app app.modules.orders.wsgi` selects a single module."""
    os.environ.setdefault("FLASK_APP", WHOLE)
    FlaskGroup(name="quartet", help=HELP).main(prog_name="quartet")


if __name__ == "__main__":
    main()
