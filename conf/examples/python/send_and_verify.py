"""Sends a code to a phone, asks for it, and verifies it: API_KEY=… python3 send_and_verify.py +37499123056"""

import os
import sys

from xionid import XionClient, XionError

if len(sys.argv) != 2 or "API_KEY" not in os.environ:
    sys.exit("usage: API_KEY=… python3 send_and_verify.py PHONE")
phone = sys.argv[1]
xion = XionClient(os.environ.get("XIONID_URL", "http://127.0.0.1:8080"), os.environ["API_KEY"])
try:
    sent = xion.send(phone, ttlSeconds=120)
    print(f"sent to {sent['phone']} as {sent['requestId']}, {sent['delivery']['status']} by {sent['delivery']['route']}")
    for code in sys.stdin:
        try:
            print("verified at", xion.verify(code.strip(), phone=phone)["verifiedAt"])
            break
        except XionError as refusal:
            if refusal.code != "invalid_code":
                raise
            print(f"wrong, {refusal.problem['attemptsRemaining']} left")
    story = xion.read(sent["requestId"])
    print(f"{story['status']}:", ", ".join(event["type"] for event in story["events"]))
except XionError as refusal:
    sys.exit(f"refused: {refusal}")
