<?php

declare(strict_types=1);

namespace XionID;

/**
 * A client of XionID, by PHP's own streams alone. Each POST has an Idempotency-Key of its own for all its tries: where
 * only the answer was lost, the next try gets it, and nothing is sent twice.
 */
final class Client
{
    private const TRIES_AGAIN = [408, 409, 500, 502, 503, 504];
    private const LONGEST_WAIT_SECONDS = 30;

    /** @param float $timeout seconds, of one try; @param int $tries of one call */
    public function __construct(
        private readonly string $url,
        private readonly string $key,
        private readonly float $timeout = 10.0,
        private readonly int $tries = 3,
    ) {
    }

    /**
     * Makes a code and sends it.
     * @param array<string, mixed> $fields purpose, ttlSeconds, userIp, reference, …
     * @return array<string, mixed>
     */
    public function send(string $phone, array $fields = []): array
    {
        return $this->call('POST', '/v1/otp/send', ['phone' => $phone] + $fields);
    }

    /**
     * Returns only for the right code; everything else is thrown.
     * @param array<string, mixed> $fields
     * @return array<string, mixed>
     */
    public function verify(string $phone, string $code, array $fields = []): array
    {
        return $this->call('POST', '/v1/otp/verify', ['phone' => $phone, 'code' => $code] + $fields);
    }

    /** @return array<string, mixed> */
    public function read(string $requestId): array
    {
        return $this->call('GET', '/v1/otp/' . rawurlencode($requestId));
    }

    /** @return array<string, mixed> */
    public function cancel(string $requestId): array
    {
        return $this->call('POST', '/v1/otp/' . rawurlencode($requestId) . '/cancel', []);
    }

    /**
     * @param array<string, mixed>|null $body
     * @return array<string, mixed>
     */
    private function call(string $method, string $path, ?array $body = null): array
    {
        $headers = ["Authorization: Bearer {$this->key}"];
        if ($method === 'POST') {
            $headers[] = 'Content-Type: application/json';
            $headers[] = 'Idempotency-Key: ' . bin2hex(random_bytes(16));
        }
        for ($left = $this->tries - 1; ; $left--) {
            $answer = @file_get_contents(rtrim($this->url, '/') . $path, false, stream_context_create(['http' => [
                'method' => $method,
                'header' => $headers,
                'content' => $body === null ? '' : json_encode((object) $body, JSON_THROW_ON_ERROR),
                'ignore_errors' => true,
                'follow_location' => 0,
                'timeout' => $this->timeout,
            ]]));
            if ($answer === false) {
                if ($left <= 0) {
                    throw new \RuntimeException('XionID does not answer');
                }
                usleep(500_000);
                continue;
            }
            $status = (int) explode(' ', $http_response_header[0])[1];
            $told = json_decode($answer, true);
            $told = is_array($told) ? $told : ['detail' => $answer];
            if ($status >= 200 && $status < 300) {
                return $told;
            }
            if ($left <= 0 || !in_array($status, self::TRIES_AGAIN, true)) {
                throw new XionError($status, $told);
            }
            usleep((int) (1_000_000 * min(self::LONGEST_WAIT_SECONDS, $told['retryAfterSeconds'] ?? 0.5)));
        }
    }

    /**
     * The event, where it is from XionID.
     * @param array<string, string> $headers of any case
     * @param string $body as it came: file_get_contents('php://input')
     * @return array<string, mixed>
     */
    public static function verifyWebhook(string $secret, array $headers, string $body, int $tolerance = 300): array
    {
        $headers = array_change_key_case($headers);
        $timestamp = $headers['webhook-timestamp'] ?? '';
        if (!ctype_digit($timestamp) || abs(time() - (int) $timestamp) > $tolerance) {
            throw new \UnexpectedValueException('The webhook is too old');
        }
        $key = base64_decode((string) preg_replace('/^whsec_/', '', $secret));
        $signed = ($headers['webhook-id'] ?? '') . ".$timestamp.$body";
        $expected = 'v1,' . base64_encode(hash_hmac('sha256', $signed, $key, true));
        // There are several while a secret is being changed.
        foreach (explode(' ', $headers['webhook-signature'] ?? '') as $one) {
            if (hash_equals($expected, $one)) {
                return json_decode($body, true, 32, JSON_THROW_ON_ERROR);
            }
        }
        throw new \UnexpectedValueException('The webhook is not signed by XionID');
    }
}
