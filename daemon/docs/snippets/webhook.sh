#!/bin/sh
# Ends with 0 where the body (stdin) is from XionID: sh webhook.sh ID TIMESTAMP "SIGNATURE …" < body
set -eu
id=$1 timestamp=$2 signatures=$3
age=$(($(date +%s) - timestamp))
[ "$age" -le 300 ] && [ "$age" -ge -300 ] || { echo "too old" >&2; exit 1; }
key=$(printf %s "${WEBHOOK_SECRET#whsec_}" | base64 -d | od -An -v -tx1 | tr -d ' \n')
expected=$({ printf '%s.%s.' "$id" "$timestamp"; cat; } |
  openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64)
for one in $signatures; do
  [ "$one" = "v1,$expected" ] && exit 0
done
echo "not signed by XionID" >&2
exit 1
