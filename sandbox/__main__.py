"""The command line: `python -m sandbox --help`."""

import argparse
import ctypes
import errno
import os
import signal
import sqlite3
import sys
import threading
from urllib.parse import urlsplit

from .api import Answer, Api, Request
from .bank import Bank
from .control import Control
from .sender import Sender
from .server import HOST, Server
from .shop import Shop
from .store import Store

PR_SET_PDEATHSIG = 1  # linux/prctl.h
SECRETS = "STRIPE_WEBHOOK_SECRETS"
ENDING = {signal.SIGTERM, signal.SIGINT}
ABOUT = """\
A Stripe for this machine: keeps state, takes no money, and breaks on request.

Point the stripe library at it, with any key that starts with sk_test_:
  stripe.StripeClient("sk_test_any", base_addresses={"api": "http://127.0.0.1:12121"})
"""
MORE = """\
Look at it:      curl http://127.0.0.1:12121/sandbox/state
Break it:        curl -d '{"kind": "error_500", "path": "/v1/refunds"}' http://127.0.0.1:12121/sandbox/faults
Send it again:   curl -d '{"event": "all"}' http://127.0.0.1:12121/sandbox/webhooks/redeliver

Pay with pm_card_visa, pm_card_chargeDeclined, pm_card_threeDSecure2Required: all cards are in sandbox/cards.py.
Webhooks are signed with the secrets in STRIPE_WEBHOOK_SECRETS, separated by commas; it has no default.

SIGTERM or Ctrl-C ends it with 0. It exits with 1 if the port or the file is taken.
"""


def main() -> int:
    """Serve until told to end; the exit code."""
    options = _options()
    # Blocked here and waited for below: nothing is ever interrupted in the middle.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    if options.die_with_parent is not None and not _dies_with(options.die_with_parent):
        return 0
    try:
        server = Server(options.port)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        why = "is taken by another program: choose another with --port" if taken else f"cannot be had: {error.strerror}"
        return _sorry(f"Port {options.port} on {HOST} {why}.")
    try:
        store = Store(options.database)
    except (OSError, sqlite3.Error) as error:
        locked = "locked" in str(error)
        why = (
            "belongs to another sandbox that runs: choose another with --database" if locked else f"is no use: {error}"
        )
        return _sorry(f"The file {options.database} {why}.")
    _serve(server, store, options)
    return 0


def _serve(server: Server, store: Store, options: argparse.Namespace) -> None:
    sender = Sender(store, options.webhook_url, _secrets()) if options.webhook_url else None
    subscribed = frozenset(options.webhook_event) if options.webhook_event else None
    shop = Shop(store, server.url, sender, subscribed, options.webhook_url)
    api, control, bank = Api(shop), Control(shop), Bank(shop)

    def answer(request: Request) -> Answer:
        return (control if request.path.startswith("/sandbox/") else api).answer(request)

    if sender:
        sender.start()
    bank.start()
    threading.Thread(target=server.serve, args=(answer,), daemon=True).start()
    print(f"sandbox ready on {server.url}", flush=True)
    signal.sigwait(ENDING)
    server.shutdown()
    bank.stop()
    if sender:
        sender.stop()
    store.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m sandbox", description=ABOUT, epilog=MORE, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--port", type=_port, default=12121, help="TCP port on 127.0.0.1; 0: any that is free (default: 12121)")
    add(
        "--database",
        default="var/sandbox.sqlite",
        metavar="FILE",
        help="the SQLite file that remembers everything, made if missing (default: var/sandbox.sqlite)",
    )
    add("--webhook-url", type=_url, metavar="URL", help="http:// address that gets the events (default: nobody does)")
    add(
        "--webhook-event",
        action="append",
        default=[],
        metavar="TYPE",
        help="send events of this type, as charge.refunded; can be repeated (default: all types)",
    )
    add(
        "--die-with-parent",
        nargs="?",
        type=int,
        const=os.getppid(),
        metavar="PID",
        help="end when the program that started this one ends (Linux); with its process id, also if it is gone already "
        "(default: live on)",
    )
    options = parser.parse_args()
    if options.webhook_url and not _secrets():
        parser.error(f"--webhook-url needs {SECRETS} in the environment, which its receiver knows too")
    return options


def _secrets() -> tuple[str, ...]:
    """What signs webhooks; of several, all sign. Not an option: anyone on this machine can read a command line."""
    return tuple(part.strip() for part in os.environ.get(SECRETS, "").split(",") if part.strip())


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text} is no port: a whole number from 0 to 65535")
    return int(text)


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        usable = parts.scheme == "http" and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none
        usable = False
    if not usable:
        raise argparse.ArgumentTypeError(f"{text} is no address: it looks like http://127.0.0.1:5000/webhooks")
    return text


def _dies_with(parent: int) -> bool:
    """Ask the kernel for SIGKILL when the parent dies; False if it died before we could ask."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    return os.getppid() == parent


def _sorry(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
