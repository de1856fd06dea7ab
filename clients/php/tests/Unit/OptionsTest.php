<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Unit;

use Erpai\Gateway\Client\CallOptions;
use Erpai\Gateway\Client\ClientOptions;
use Erpai\Gateway\Client\Code;
use Erpai\Gateway\Client\Deadline;
use Erpai\Gateway\Client\ErrorStatus;
use Erpai\Gateway\Client\Exception\GatewayException;
use Erpai\Gateway\Client\Exception\InvalidRequestException;
use Erpai\Gateway\Client\Exception\QuotaExhaustedException;
use Erpai\Gateway\Client\GatewayClient;
use Erpai\Gateway\Client\GrpcTransport;
use Erpai\Gateway\Client\Headers;
use Erpai\Gateway\Client\Tls;
use Erpai\Gateway\Client\TransportKind;
use PHPUnit\Framework\TestCase;

final class OptionsTest extends TestCase
{
    public function testWithBothAddressesExtGrpcDecides(): void
    {
        $client = new GatewayClient(new ClientOptions('127.0.0.1:1', 'http://127.0.0.1:2'));
        $wanted = extension_loaded('grpc') ? 'grpc 127.0.0.1:1' : 'connect+proto http://127.0.0.1:2';
        self::assertSame($wanted, $client->describe());
    }

    public function testTheChoiceCanBeOverridden(): void
    {
        $options = new ClientOptions('127.0.0.1:1', 'http://127.0.0.1:2', transport: TransportKind::ConnectJson);
        self::assertSame('connect+json http://127.0.0.1:2', (new GatewayClient($options))->describe());
    }

    public function testWithoutAnAddressTheErrorAsksForOne(): void
    {
        $this->expectExceptionMessage('give grpcTarget, httpUrl or both');
        new GatewayClient(new ClientOptions());
    }

    public function testAddressesOfTheWrongKindAreRefusedByName(): void
    {
        foreach ([['http://a:1', ''], ['', 'a:1']] as [$target, $url]) {
            try {
                new ClientOptions($target, $url);
                self::fail('it was taken');
            } catch (\InvalidArgumentException $error) {
                self::assertStringContainsString('a:1', $error->getMessage());
            }
        }
    }

    public function testNoHeaderCanBeSmuggledIn(): void
    {
        $this->expectExceptionMessage("'x-request-id' may hold printable ASCII characters only");
        Headers::of(new ClientOptions(), new CallOptions(requestId: "a\r\nx-evil: 1"));
    }

    public function testEmptyHeadersAreNotSent(): void
    {
        self::assertSame(['x-request-id'], array_keys(Headers::of(new ClientOptions(), new CallOptions())));
    }

    public function testADeadlineMustBeGreaterThanZero(): void
    {
        $this->expectException(\InvalidArgumentException::class);
        Deadline::in(0.0);
    }

    public function testADeadlineCountsInMicrosecondsForGrpcAndInMillisecondsForCurl(): void
    {
        $deadline = Deadline::in(1000.0);
        self::assertEqualsWithDelta(1e9, $deadline->leftUs(), 1e8);
        self::assertEqualsWithDelta(1e6, $deadline->leftMs(), 1e5);
        self::assertSame(1, Deadline::in(1e-9)->leftMs());
    }

    public function testTheKeyIsShownInNoDump(): void
    {
        $options = new ClientOptions(httpUrl: 'http://127.0.0.1:2', apiKey: 'not-for-logs');
        ob_start();
        var_dump(new GatewayClient($options));
        $dumped = ob_get_clean() . print_r($options, true);
        self::assertStringContainsString('http://127.0.0.1:2', $dumped);
        self::assertStringNotContainsString('not-for', $dumped);
    }

    /** @requires PHP >= 8.2 */
    public function testTheKeyIsInNoExceptionsArguments(): void
    {
        $hidden = ini_set('zend.exception_ignore_args', '0');
        try {
            new ClientOptions(httpUrl: 'nonsense', apiKey: 'not-for-logs');
            self::fail('it was taken');
        } catch (\InvalidArgumentException $error) {
            self::assertStringNotContainsString('not-for', print_r($error->getTrace()[0]['args'], true));
        } finally {
            ini_set('zend.exception_ignore_args', (string) $hidden);
        }
    }

    public function testOnlyAQuotaThatIsUsedUpIsAQuota(): void
    {
        foreach ([
            'QUOTA_EXHAUSTED' => QuotaExhaustedException::class,
            'REQUEST_TOO_LARGE' => InvalidRequestException::class,
            '' => GatewayException::class,
        ] as $reason => $class) {
            $error = GatewayException::of(new ErrorStatus(Code::ResourceExhausted, 'told so', $reason));
            self::assertSame($class, $error::class);
        }
    }

    public function testRequestsAsLargeAsTheGatewayTakesCanBeRetried(): void
    {
        $settings = GrpcTransport::settings(new ClientOptions('127.0.0.1:1'));
        self::assertGreaterThanOrEqual(8 * 1024 * 1024, $settings['grpc.per_rpc_retry_buffer_size']);
    }

    public function testACertificateNeedsItsKey(): void
    {
        $this->expectExceptionMessage('both certificateFile and keyFile');
        new Tls(certificateFile: __FILE__);
    }

    public function testAFileThatIsNotThereIsNamed(): void
    {
        $this->expectExceptionMessage("cannot read '/no/such.pem'");
        new Tls('/no/such.pem');
    }

    public function testCodesGoByBothTheirNames(): void
    {
        foreach (Code::cases() as $code) {
            self::assertSame($code, Code::fromName($code->canonicalName()));
            self::assertSame($code, Code::fromName(strtolower($code->canonicalName())));
        }
        self::assertSame(Code::Cancelled, Code::fromName('canceled'));
        self::assertSame('INVALID_ARGUMENT', Code::InvalidArgument->canonicalName());
        self::assertNull(Code::fromName('nonsense'));
    }
}
