<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Support;

/** What this process takes, the extensions' own allocations included. */
final class Memory
{
    private const PAGE_BYTES = 4096;

    public static function residentBytes(): int
    {
        return (int) explode(' ', (string) file_get_contents('/proc/self/statm'))[1] * self::PAGE_BYTES;
    }
}
