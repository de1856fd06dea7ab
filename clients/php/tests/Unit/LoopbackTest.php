<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Unit;

use Erpai\Gateway\Client\ClientOptions;
use Erpai\Gateway\Client\GrpcTransport;
use Erpai\Gateway\Client\Loopback;
use PHPUnit\Framework\TestCase;

final class LoopbackTest extends TestCase
{
    /** @dataProvider targets */
    public function testTargetsOnThisMachineUseNoProxy(string $target, bool $local): void
    {
        $settings = GrpcTransport::settings(new ClientOptions(grpcTarget: $target));
        self::assertSame($local ? 0 : 1, $settings['grpc.enable_http_proxy']);
    }

    /** @return list<array{string, bool}> */
    public static function targets(): array
    {
        return [
            ['127.0.0.1:50051', true],
            ['localhost', true],
            ['LOCALHOST:50051', true],
            ['[::1]:50051', true],
            ['::1', true],
            ['dns:///localhost:50051', true],
            ['dns:localhost:50051', true],
            ['ipv4:127.0.0.1:1,127.0.0.2:1', true],
            ['ipv6:[::1]:1', true],
            ['ipv4:127.0.0.1:1,10.0.0.2:1', false],
            ['ai.internal:50051', false],
            ['localhost.example:50051', false],
            ['127.0.0.1.example:50051', false],
            ['[2001:db8::1]:50051', false],
        ];
    }

    /** @dataProvider urls */
    public function testUrlsOnThisMachineAreKnown(string $url, bool $local): void
    {
        self::assertSame($local, Loopback::url($url));
    }

    /** @return list<array{string, bool}> */
    public static function urls(): array
    {
        return [
            ['http://127.0.0.1:50080', true],
            ['https://localhost/', true],
            ['http://[::1]:50080', true],
            ['http://ai.internal:50080', false],
            ['http://127.0.0.1@ai.internal', false],
        ];
    }
}
