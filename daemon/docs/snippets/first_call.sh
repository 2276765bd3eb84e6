#!/bin/sh
# API_KEY=xk_test_… XIONID_URL=https://otp.example sh first_call.sh +37499123056 000000
set -eu
call() {
  curl --silent --show-error --fail-with-body --max-time 10 "$XIONID_URL$1" \
    --header "Authorization: Bearer $API_KEY" \
    --header "Content-Type: application/json" \
    --data "$2"
  echo
}
call /v1/otp/send "{\"phone\": \"$1\"}"
# Your user types the code. With a test key it is 000000.
call /v1/otp/verify "{\"phone\": \"$1\", \"code\": \"$2\"}"
