<?php
// API_KEY=xk_test_… XIONID_URL=https://otp.example php first_call.php +37499123056 000000

function call(string $path, array $body): array
{
    $answer = file_get_contents(getenv('XIONID_URL') . $path, false, stream_context_create(['http' => [
        'method' => 'POST',
        'header' => ['Authorization: Bearer ' . getenv('API_KEY'), 'Content-Type: application/json'],
        'content' => json_encode($body),
        'ignore_errors' => true, // A refusal has a body, too.
        'timeout' => 10,
    ]]));
    if ($answer === false) {
        exit(1);
    }
    $told = json_decode($answer, true, 16, JSON_THROW_ON_ERROR);
    if ($told['ok'] !== true) {
        fwrite(STDERR, "{$told['code']}: {$told['detail']}\n");
        exit(1);
    }
    return $told;
}

[, $phone, $code] = $argv;
$sent = call('/v1/otp/send', ['phone' => $phone]);
echo "sent to {$sent['phone']}\n";
// Your user types the code. With a test key it is 000000.
$verified = call('/v1/otp/verify', ['phone' => $phone, 'code' => $code]);
echo "verified at {$verified['verifiedAt']}\n";
