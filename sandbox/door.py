"""Access control: only programs on this machine and the sandbox's own pages may call it, no other site in a
browser.

Listening on loopback keeps other machines out. But a browser on this machine sends requests for any page that it shows,
and a DNS name of an attacker may point to this address.
"""

import re
from email.message import Message

HOST = re.compile(r"(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?", re.ASCII | re.IGNORECASE)
BANK = "/sandbox/authenticate/"


def lets_in(method: str, target: str, headers: Message) -> bool:
    """Return whether the request is addressed to this machine and does not come from a page of another site."""
    hosts = headers.get_all("Host", [])  # every browser sends one
    if len(hosts) > 1 or not all(HOST.fullmatch(host) for host in hosts):
        return False
    if any(origin not in [f"http://{host}" for host in hosts] for origin in headers.get_all("Origin", [])):
        return False
    sites = headers.get_all("Sec-Fetch-Site", ["none"])
    return set(sites) <= {"none", "same-origin"} or _is_visit(method, target, headers)


def _is_visit(method: str, target: str, headers: Message) -> bool:
    """Whether a browser opens the bank's page, to which a shop sends its customer; the decision itself must come from
    that page.
    """
    return method == "GET" and target.startswith(BANK) and "?" not in target and headers["Sec-Fetch-Mode"] == "navigate"
