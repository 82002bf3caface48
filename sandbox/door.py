"""Who may ask: programs on this machine and the sandbox's own pages, and no other site in somebody's browser.

Listening on loopback keeps other machines out. A browser on this one is let in by any page that it shows, or by a name
that somebody's DNS points here.
"""

import re
from email.message import Message

HOST = re.compile(r"(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?", re.ASCII | re.IGNORECASE)
BANK = "/sandbox/authenticate/"


def lets_in(method: str, target: str, headers: Message) -> bool:
    """Whether a request is addressed to this machine, and is of no page from elsewhere."""
    hosts = headers.get_all("Host", [])  # every browser names one
    if len(hosts) > 1 or not all(HOST.fullmatch(host) for host in hosts):
        return False
    if any(origin not in [f"http://{host}" for host in hosts] for origin in headers.get_all("Origin", [])):
        return False
    sites = headers.get_all("Sec-Fetch-Site", ["none"])
    return set(sites) <= {"none", "same-origin"} or _is_visit(method, target, headers)


def _is_visit(method: str, target: str, headers: Message) -> bool:
    """A shop sends its customer to the bank's page; what is decided there is decided on that page."""
    return method == "GET" and target.startswith(BANK) and "?" not in target and headers["Sec-Fetch-Mode"] == "navigate"
