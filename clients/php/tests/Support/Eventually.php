<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Support;

/** Waits for what another process does. */
final class Eventually
{
    private const EVERY_US = 10_000;

    /** @param callable(): bool $condition */
    public static function holds(callable $condition, float $seconds = 30.0): void
    {
        $ends = microtime(true) + $seconds;
        while (!$condition()) {
            if (microtime(true) > $ends) {
                throw new \RuntimeException("not within $seconds s");
            }
            usleep(self::EVERY_US);
        }
    }
}
