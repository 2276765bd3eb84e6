<?php

declare(strict_types=1);

namespace XionID;

/** A refusal. Switch on errorCode; problem has the members that it comes with, such as attemptsRemaining. */
final class XionError extends \RuntimeException
{
    public readonly string $errorCode;

    /** @param array<string, mixed> $problem */
    public function __construct(public readonly int $status, public readonly array $problem)
    {
        $this->errorCode = (string) ($problem['code'] ?? '');
        parent::__construct("$status {$this->errorCode}: " . ($problem['detail'] ?? ''), $status);
    }
}
