import base64
import hashlib
import hmac
import json
import time


def verify_webhook(secret: str, headers, body: bytes) -> dict:
    """The event, where it is from XionID. `headers` by lower-case names, `body` as it came, before any parsing."""
    message_id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
    if abs(time.time() - int(timestamp)) > 300:
        raise ValueError("too old")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = b"v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
    # There are several while a secret is being changed.
    if not any(hmac.compare_digest(one.encode(), expected) for one in headers["webhook-signature"].split()):
        raise ValueError("not signed by XionID")
    return json.loads(body)
