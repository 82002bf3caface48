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
A simulation of Stripe for local use: it stores state, moves no money, and injects faults on request.

Use it with the stripe library and any key that starts with sk_test_:
  stripe.StripeClient("sk_test_any", base_addresses={"api": "http://127.0.0.1:12121"})
"""
MORE = """\
Show its state:  curl http://127.0.0.1:12121/sandbox/state
Inject a fault:  curl -d '{"kind": "error_500", "path": "/v1/refunds"}' http://127.0.0.1:12121/sandbox/faults
Resend webhooks: curl -d '{"event": "all"}' http://127.0.0.1:12121/sandbox/webhooks/redeliver

Test cards: pm_card_visa, pm_card_chargeDeclined, pm_card_threeDSecure2Required; all are in sandbox/cards.py.
Webhooks are signed with the secrets in STRIPE_WEBHOOK_SECRETS, separated by commas; there is no default.

SIGTERM or Ctrl-C stops it with exit code 0. It exits with 1 if the port or the file is in use.
"""


def main() -> int:
    """Serve until a signal stops it. Returns the exit code."""
    options = _options()
    # The signals are blocked here and awaited below, so that no request is interrupted.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    if options.die_with_parent is not None and not _end_with_parent(options.die_with_parent):
        return 0
    try:
        server = Server(options.port)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        why = (
            "is in use by another program: choose another with --port" if taken else f"cannot be used: {error.strerror}"
        )
        return _fail(f"Port {options.port} on {HOST} {why}.")
    try:
        store = Store(options.database)
    except (OSError, sqlite3.Error) as error:
        locked = "locked" in str(error)
        why = "is in use by another sandbox: choose another with --database" if locked else f"cannot be used: {error}"
        return _fail(f"The file {options.database} {why}.")
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
    add("--port", type=_port, default=12121, help="TCP port on 127.0.0.1; 0: any free port (default: 12121)")
    add(
        "--database",
        default="var/sandbox.sqlite",
        metavar="FILE",
        help="the SQLite file that stores all state, created if missing (default: var/sandbox.sqlite)",
    )
    add(
        "--webhook-url",
        type=_url,
        metavar="URL",
        help="http:// URL that receives the webhooks (default: none are sent)",
    )
    add(
        "--webhook-event",
        action="append",
        default=[],
        metavar="TYPE",
        help="send events of this type, such as charge.refunded; can be repeated (default: all types)",
    )
    add(
        "--die-with-parent",
        nargs="?",
        type=int,
        const=os.getppid(),
        metavar="PID",
        help="stop when the program that started this one ends (Linux); given its process id, also if it has already "
        "ended (default: keep running)",
    )
    options = parser.parse_args()
    if options.webhook_url and not _secrets():
        parser.error(f"--webhook-url needs {SECRETS} in the environment; the receiver needs the same value")
    return options


def _secrets() -> tuple[str, ...]:
    """Return the signing secrets of webhooks; each signs. They are not an option, as every user of this machine can
    read a command line.
    """
    return tuple(part.strip() for part in os.environ.get(SECRETS, "").split(",") if part.strip())


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text} is not a port: give a whole number from 0 to 65535")
    return int(text)


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        usable = parts.scheme == "http" and bool(parts.hostname) and parts.port != 0
    except ValueError:  # an invalid port
        usable = False
    if not usable:
        raise argparse.ArgumentTypeError(
            f"{text} is not an http:// URL: give one such as http://127.0.0.1:5000/webhooks"
        )
    return text


def _end_with_parent(parent: int) -> bool:
    """Ask the kernel for SIGKILL when the parent dies. Returns False if it had died before."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    return os.getppid() == parent


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
