<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Support;

/** How long the long tests are: short with the others, whole by `make soak-php` (ERP_GATEWAY_SOAK=1). */
final class Soak
{
    public static function length(int $short, int $whole): int
    {
        return getenv('ERP_GATEWAY_SOAK') === '1' ? $whole : $short;
    }

    /** A figure of the test, for its log. */
    public static function tell(string $figure): void
    {
        fwrite(STDERR, "  $figure\n");
    }
}
