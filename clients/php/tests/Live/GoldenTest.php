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
    private const OVER_TLS = [
        'chat-model', 'deadline-frozen', 'error-violations', 'restart-during', 'stream-cancel', 'stream-ok',
    ];

    /** @var array<string, GoldenServer> by its security; one at a time */
    private static array $servers = [];

    public static function tearDownAfterClass(): void
    {
        self::endServers();
    }

    /** @return iterable<string, array{string, string, string}> */
    public static function cases(): iterable
    {
        foreach (['plain', 'tls', 'mtls'] as $security) {
            foreach (Cases::files() as $file) {
                $name = basename($file, '.json');
                foreach (['gRPC', 'Connect', 'Connect with JSON'] as $way) {
                    if ($security === 'plain' || in_array($name, self::OVER_TLS, true)) {
                        yield "$name, $way, $security" => [$security, $way, $file];
                    }
                }
            }
        }
    }

    /** @dataProvider cases */
    public function testTheCaseHolds(string $security, string $way, string $file): void
    {
        $server = self::server($security);
        $caller = new Caller($server->ways()[$way]);
        self::assertSame([], $server->play(Cases::read($file), $caller->call(...), $caller->hold(...)));
    }

    private static function server(string $security): GoldenServer
    {
        if (!isset(self::$servers[$security])) {
            self::endServers();
            self::$servers[$security] = new GoldenServer(Paths::temporary(), $security);
        }
        return self::$servers[$security];
    }

    private static function endServers(): void
    {
        array_map(static fn (GoldenServer $server) => $server->end(), self::$servers);
        self::$servers = [];
    }
}
