"""The shape that every problem must have."""

from typing import Any

from werkzeug.test import TestResponse

MEMBERS = {"type", "title", "status", "detail", "instance", "code", "request_id"}


def assert_problem(answer: TestResponse, status: int, code: str) -> Any:
    """Assert that the response is a complete problem without internal details. Returns the document."""
    assert answer.status_code == status, answer.data[:500]
    assert answer.mimetype == "application/problem+json"
    problem: Any = answer.json
    assert problem.keys() >= MEMBERS
    assert (problem["status"], problem["code"]) == (status, code), problem
    assert problem["type"] == f"/docs/errors.html#{code}"
    assert problem["detail"].strip() and problem["title"].strip()
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    for inside in (b"Traceback", b"sqlalchemy", b"/work/", b"site-packages", b'.py"'):
        assert inside not in answer.data
    return problem
