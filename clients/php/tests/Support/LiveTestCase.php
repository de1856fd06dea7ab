<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Support;

use Erpai\Gateway\Client\ClientOptions;
use Erpai\Gateway\Client\GatewayClient;
use Erpai\Gateway\Client\TransportKind;
use PHPUnit\Framework\TestCase;

/** A real gateway with the fault server behind it, one per test class. */
abstract class LiveTestCase extends TestCase
{
    protected static FaultServer $faults;
    protected static Gateway $gateway;
    protected static string $folder;

    public static function setUpBeforeClass(): void
    {
        self::$folder = Paths::temporary();
        self::$faults = new FaultServer(self::$folder);
        self::$gateway = new Gateway(self::$folder, self::$faults);
    }

    public static function tearDownAfterClass(): void
    {
        self::$gateway->end();
        self::$faults->end();
    }

    protected function setUp(): void
    {
        self::$faults->reset();
    }

    /** @return array<string, array{TransportKind}> */
    public static function ways(): array
    {
        return [
            'gRPC' => [TransportKind::Grpc],
            'Connect' => [TransportKind::Connect],
            'Connect with JSON' => [TransportKind::ConnectJson],
        ];
    }

    protected static function client(TransportKind $way, float $deadlineS = 60.0): GatewayClient
    {
        return new GatewayClient(new ClientOptions(
            grpcTarget: self::$gateway->target,
            httpUrl: self::$gateway->httpUrl,
            deadlineS: $deadlineS,
            erpVersion: '1.2.3',
            transport: $way,
        ));
    }
}
