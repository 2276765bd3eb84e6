<?php

/** The event, where it is from XionID. $headers by lower-case names, $body as it came: file_get_contents('php://input'). */
function verify_webhook(string $secret, array $headers, string $body): array
{
    $timestamp = $headers['webhook-timestamp'] ?? '';
    if (!ctype_digit($timestamp) || abs(time() - (int) $timestamp) > 300) {
        throw new RuntimeException('too old');
    }
    $key = base64_decode(substr($secret, strlen('whsec_')));
    $signed = ($headers['webhook-id'] ?? '') . ".$timestamp.$body";
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', $signed, $key, true));
    // There are several while a secret is being changed.
    foreach (explode(' ', $headers['webhook-signature'] ?? '') as $one) {
        if (hash_equals($expected, $one)) {
            return json_decode($body, true, 32, JSON_THROW_ON_ERROR);
        }
    }
    throw new RuntimeException('not signed by XionID');
}
