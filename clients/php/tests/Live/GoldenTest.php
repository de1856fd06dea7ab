<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Live;

use Erpai\Gateway\Client\Tests\Golden\Caller;
use Erpai\Gateway\Client\Tests\Golden\GoldenServer;
use Erpai\Gateway\Client\Tests\Support\Paths;
use PHPUnit\Framework\TestCase;

/** The golden cases, the same ones that the clients in Python and Java replay. */
final class GoldenTest extends TestCase
{
    private static GoldenServer $server;

    public static function setUpBeforeClass(): void
    {
        self::$server = new GoldenServer(Paths::temporary());
    }

    public static function tearDownAfterClass(): void
    {
        self::$server->end();
    }

    /** @return iterable<string, array{string, string}> */
    public static function cases(): iterable
    {
        $ways = ['gRPC', 'gRPC over TLS', 'gRPC over mutual TLS', 'Connect', 'Connect with JSON'];
        foreach (glob(Paths::repository() . '/tests/golden/cases/*.json') as $file) {
            $case = json_decode((string) file_get_contents($file), true);
            // A client of generated messages cannot send bytes that are none.
            $raw = in_array('raw', $case['needs'] ?? [], true);
            foreach ($raw ? [] : $ways as $way) {
                if (!str_contains($way, 'TLS') || preg_match('/^(chat-model|stream-ok|stream-cancel|error-violations|restart-during)$/', $case['name'])) {
                    yield "{$case['name']}, $way" => [$way, $file];
                }
            }
        }
    }

    /** @dataProvider cases */
    public function testTheCaseHolds(string $way, string $file): void
    {
        $case = json_decode((string) file_get_contents($file), true);
        $ways = self::$server->ways();
        $caller = new Caller($ways[$way]);
        self::assertSame([], self::$server->play($case, $caller->call(...), $caller->hold(...)));
    }
}
