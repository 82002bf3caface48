"""A double of VIES for local use: `python -m sandbox.verifier --port 12122`, and TAX_VERIFIER_URL=http://127.0.0.1:12122

What it answers is in the last two digits of the number: 00 is invalid, 99 a country that is away, 98 is slow, 97 is no
answer that can be understood, and 96 contradicts itself. Any other number is valid. It stores nothing.
"""

import argparse
import json
import re
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATH = re.compile(r"/ms/([A-Z]{2})/vat/([A-Z0-9]{2,15})", re.ASCII)
SLOW = 30  # seconds


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        asked = PATH.fullmatch(self.path)
        if not asked:
            self._send(404, b"{}")
            return
        country, number = asked.groups()
        match number[-2:]:
            case "98":
                time.sleep(SLOW)
            case "97":
                self._send(500, b"<html>")
                return
        error = {"00": "INVALID", "99": "MS_UNAVAILABLE"}.get(number[-2:], "VALID")
        answer = {
            "isValid": error == "VALID" and number[-2:] != "96",
            "requestDate": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
            "userError": error,
            "name": f"Company {number} of {country}" if error == "VALID" else "---",
            "address": "---",
            "requestIdentifier": "",
            "vatNumber": number,
        }
        self._send(200, json.dumps(answer).encode())

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a number is personal data."""


def serving(port: int) -> ThreadingHTTPServer:
    """A server on this machine only; 0: any free port."""
    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m sandbox.verifier")
    parser.add_argument("--port", type=int, default=12122)
    with serving(parser.parse_args().port) as server:
        server.serve_forever()
