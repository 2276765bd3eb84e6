"""A client of XionID, by the standard library alone.

    xion = XionClient("https://otp.example", os.environ["API_KEY"])
    sent = xion.send("+37499123056", ttlSeconds=120)
    try:
        xion.verify(phone="+37499123056", code=typed)
    except XionError as refusal:
        if refusal.code == "invalid_code":
            print(refusal.problem["attemptsRemaining"], "left")

Each POST has an Idempotency-Key of its own for all its tries: where only the answer was lost, the next try gets it, and nothing is sent twice.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from typing import Any, Mapping

__all__ = ["WebhookError", "XionClient", "XionError", "verify_webhook"]
__version__ = "1.0.0"

# No answer that says no for good: the request was late, is still running, or nothing could take it for a moment.
TRIES_AGAIN = frozenset({408, 409, 500, 502, 503, 504})
LONGEST_WAIT_SECONDS = 30


class XionError(Exception):
    """A refusal. Switch on `code`; `problem` has the members that it comes with, such as `attemptsRemaining`."""

    def __init__(self, status: int, problem: dict[str, Any]):
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detail')}")
        self.status = status
        self.problem = problem
        self.code: str = problem.get("code", "")
        self.retry_after: int | None = problem.get("retryAfterSeconds")


class WebhookError(ValueError):
    """A call that is not from XionID, or is too old."""


class XionClient:
    def __init__(self, url: str, key: str, *, timeout: float = 10, tries: int = 3):
        """`timeout`: seconds, of one try. `tries`: of one call, where the network or the daemon fails for a moment."""
        self._url = url.rstrip("/")
        self._key = key
        self._timeout = timeout
        self._tries = tries

    def send(self, phone: str, *, idempotency_key: str | None = None, **fields: Any) -> dict[str, Any]:
        """Makes a code and sends it. `fields`: `purpose`, `ttlSeconds`, `userIp`, `reference`, …"""
        return self._call("POST", "/v1/otp/send", {"phone": phone, **fields}, idempotency_key)

    def verify(self, code: str, *, phone: str | None = None, request_id: str | None = None, idempotency_key: str | None = None,
               **fields: Any) -> dict[str, Any]:
        """Returns only for the right code; everything else is raised."""
        names = {name: value for name, value in (("phone", phone), ("requestId", request_id)) if value is not None}
        return self._call("POST", "/v1/otp/verify", {"code": code, **names, **fields}, idempotency_key)

    def read(self, request_id: str) -> dict[str, Any]:
        return self._call("GET", f"/v1/otp/{urllib.parse.quote(request_id, safe='')}")

    def cancel(self, request_id: str) -> dict[str, Any]:
        return self._call("POST", f"/v1/otp/{urllib.parse.quote(request_id, safe='')}/cancel", {})

    def list(self, **query: Any) -> dict[str, Any]:
        return self._call("GET", "/v1/otp?" + urllib.parse.urlencode(query))

    def _call(self, method: str, path: str, body: Any = None, idempotency_key: str | None = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._key}", "Accept": "application/json", "User-Agent": f"xionid-python/{__version__}"}
        data = None
        if method == "POST":
            headers["Content-Type"] = "application/json"
            headers["Idempotency-Key"] = idempotency_key or str(uuid.uuid4())
            data = json.dumps(body).encode()
        for left in range(self._tries - 1, -1, -1):
            request = urllib.request.Request(self._url + path, data, headers, method=method)
            try:
                with urllib.request.urlopen(request, timeout=self._timeout) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as refusal:
                error = XionError(refusal.code, _problem_of(refusal))
                if left == 0 or refusal.code not in TRIES_AGAIN:
                    raise error from None
                time.sleep(min(LONGEST_WAIT_SECONDS, error.retry_after or 0.5))
            except (OSError, http.client.HTTPException):
                if left == 0:
                    raise
                time.sleep(0.5)
        raise AssertionError("at least one try")


def _problem_of(refusal: urllib.error.HTTPError) -> dict[str, Any]:
    """What stands between us and the daemon may answer in another form."""
    try:
        problem = json.load(refusal)
    except (ValueError, OSError):
        problem = None
    return problem if isinstance(problem, dict) else {"code": "", "detail": refusal.reason}


def verify_webhook(secret: str, headers: Mapping[str, str], body: bytes, *, tolerance: float = 300) -> dict[str, Any]:
    """The event, where it is from XionID. `body` as it came, before any parsing; `tolerance` in seconds. Raises WebhookError."""
    found = {name.lower(): value for name, value in headers.items()}
    message_id, timestamp = found.get("webhook-id", ""), found.get("webhook-timestamp", "")
    if not timestamp.isascii() or not timestamp.isdigit() or abs(time.time() - int(timestamp)) > tolerance:
        raise WebhookError("too old")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = b"v1," + base64.b64encode(hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest())
    # There are several while a secret is being changed.
    if not any(hmac.compare_digest(one.encode(), expected) for one in found.get("webhook-signature", "").split()):
        raise WebhookError("not signed by XionID")
    return json.loads(body)
