<?php

// Sends a code to a phone, asks for it, and verifies it: API_KEY=… php send-and-verify.php +37499123056

declare(strict_types=1);

require __DIR__ . '/src/XionError.php';
require __DIR__ . '/src/Client.php';

if ($argc !== 2 || getenv('API_KEY') === false) {
    fwrite(STDERR, "usage: API_KEY=… php send-and-verify.php PHONE\n");
    exit(2);
}
$phone = $argv[1];
$xion = new XionID\Client(getenv('XIONID_URL') ?: 'http://127.0.0.1:8080', getenv('API_KEY'));
try {
    $sent = $xion->send($phone, ['ttlSeconds' => 120]);
    echo "sent to {$sent['phone']} as {$sent['requestId']}, {$sent['delivery']['status']} by {$sent['delivery']['route']}\n";
    while (($code = fgets(STDIN)) !== false) {
        try {
            echo "verified at {$xion->verify($phone, trim($code))['verifiedAt']}\n";
            break;
        } catch (XionID\XionError $refusal) {
            if ($refusal->errorCode !== 'invalid_code') {
                throw $refusal;
            }
            echo "wrong, {$refusal->problem['attemptsRemaining']} left\n";
        }
    }
    $story = $xion->read($sent['requestId']);
    echo "{$story['status']}: ", implode(', ', array_column($story['events'], 'type')), "\n";
} catch (XionID\XionError $refusal) {
    echo "refused: {$refusal->getMessage()}\n";
    exit(1);
}
