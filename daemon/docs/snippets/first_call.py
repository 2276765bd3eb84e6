# API_KEY=xk_test_… XIONID_URL=https://otp.example python3 first_call.py +37499123056 000000
import json
import os
import sys
import urllib.error
import urllib.request


def call(path, body):
    request = urllib.request.Request(
        os.environ["XIONID_URL"] + path,
        json.dumps(body).encode(),
        {"Authorization": "Bearer " + os.environ["API_KEY"], "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refusal:
        problem = json.load(refusal)
        sys.exit(f"{refusal.code} {problem['code']}: {problem['detail']}")


phone, code = sys.argv[1:]
sent = call("/v1/otp/send", {"phone": phone})
print("sent to", sent["phone"])
# Your user types the code. With a test key it is 000000.
verified = call("/v1/otp/verify", {"phone": phone, "code": code})
print("verified at", verified["verifiedAt"])
