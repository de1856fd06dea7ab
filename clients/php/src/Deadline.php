<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client;

/** A moment on the clock that only goes forward: one budget for every try of a call. */
final class Deadline
{
    /** A longer time means "for ever": more milliseconds than the Connect protocol's ten digits hold. */
    private const LONGEST_S = 100 * 86_400;

    private function __construct(private readonly float $endsS)
    {
    }

    /** @param float $seconds from now; must be greater than 0. More than 100 days count as 100 days */
    public static function in(float $seconds): self
    {
        if (!is_finite($seconds) || $seconds <= 0) {
            throw new \InvalidArgumentException("a deadline must be greater than 0 seconds, not $seconds");
        }
        return new self(hrtime(true) / 1e9 + min($seconds, self::LONGEST_S));
    }

    /** Seconds left; 0 when it is over. */
    public function leftS(): float
    {
        return max(0.0, $this->endsS - hrtime(true) / 1e9);
    }

    /** Microseconds left, what ext-grpc counts in. At least 1, so that the call still fails by itself. */
    public function leftUs(): int
    {
        return max(1, (int) ($this->leftS() * 1e6));
    }

    /** Milliseconds left, what libcurl and the Connect protocol count in. At least 1: 0 means "for ever" to libcurl. */
    public function leftMs(): int
    {
        return max(1, (int) ($this->leftS() * 1e3));
    }
}
