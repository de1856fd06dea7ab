<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Live;

use Erpai\Gateway\Client\Tests\Golden\Caller;
use Erpai\Gateway\Client\Tests\Golden\Cases;
use Erpai\Gateway\Client\Tests\Golden\GoldenServer;
use Erpai\Gateway\Client\Tests\Support\Paths;
use PHPUnit\Framework\TestCase;

/** The golden cases, the same ones that the clients in Python and Java replay. */
final class GoldenTest extends TestCase
{
    private const OVER_TLS = ['chat-model', 'stream-ok', 'stream-cancel', 'error-violations', 'restart-during'];

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
        foreach (Cases::files() as $file) {
            $name = basename($file, '.json');
            foreach ($ways as $way) {
                if (!str_contains($way, 'TLS') || in_array($name, self::OVER_TLS, true)) {
                    yield "$name, $way" => [$way, $file];
                }
            }
        }
    }

    /** @dataProvider cases */
    public function testTheCaseHolds(string $way, string $file): void
    {
        $caller = new Caller(self::$server->ways()[$way]);
        self::assertSame([], self::$server->play(Cases::read($file), $caller->call(...), $caller->hold(...)));
    }
}
