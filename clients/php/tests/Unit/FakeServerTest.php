<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Unit;

use Erpai\Gateway\Client\CallOptions;
use Erpai\Gateway\Client\ClientOptions;
use Erpai\Gateway\Client\Code;
use Erpai\Gateway\Client\Exception\DeadlineExceededException;
use Erpai\Gateway\Client\Exception\GatewayException;
use Erpai\Gateway\Client\Exception\GatewayUnavailableException;
use Erpai\Gateway\Client\Exception\PermissionDeniedException;
use Erpai\Gateway\Client\Exception\ProtocolException;
use Erpai\Gateway\Client\Exception\TruncatedException;
use Erpai\Gateway\Client\Exception\UnauthenticatedException;
use Erpai\Gateway\Client\GatewayClient;
use Erpai\Gateway\Client\Tests\Support\Paths;
use Erpai\Gateway\Client\Tests\Support\Process;
use Erpai\Gateway\Client\Tests\Support\Requests;
use PHPUnit\Framework\TestCase;

/** The Connect transport against a server that misbehaves. */
final class FakeServerTest extends TestCase
{
    private static Process $fake;
    private static string $url;
    private static string $log;

    public static function setUpBeforeClass(): void
    {
        $folder = Paths::temporary();
        self::$log = "$folder/requests";
        $script = dirname(__DIR__) . '/Support/fake_connect_server.php';
        self::$fake = new Process([PHP_BINARY, $script, self::$log], "$folder/fake.log");
        self::$url = self::$fake->printed('/fake on (\S+)/');
    }

    public static function tearDownAfterClass(): void
    {
        self::$fake->end();
    }

    protected function setUp(): void
    {
        file_put_contents(self::$log, '');
    }

    public function testARequestIsWhatTheProtocolAsksFor(): void
    {
        $options = new ClientOptions(httpUrl: self::$url . '/', apiKey: 'k-1', erpVersion: '1.2');
        (new GatewayClient($options))->chat(Requests::chat(), new CallOptions(2.0, 'fine'));
        $head = strtolower(self::requests()[0]['head']);
        foreach ([
            'post /gateway.v1.gatewayservice/chat http/1.1',
            'content-type: application/proto',
            'connect-protocol-version: 1',
            'authorization: bearer k-1',
            'x-erp-version: 1.2',
            'x-request-id: fine',
        ] as $line) {
            self::assertStringContainsString("$line\r\n", $head);
        }
        preg_match('/^connect-timeout-ms: (\d+)\r$/m', $head, $match);
        self::assertGreaterThan(0, (int) $match[1]);
        self::assertLessThanOrEqual(2000, (int) $match[1]);
        self::assertStringNotContainsString('expect:', $head);
    }

    public function testARequestIdIsMadeWhereNoneIsGiven(): void
    {
        self::client()->chat(Requests::chat());
        self::assertMatchesRegularExpression('/^x-request-id: [0-9a-f]{32}\r$/m', self::requests()[0]['head']);
    }

    public function testDrainingServersAreAskedAgainUnderTheSameRequestId(): void
    {
        $answer = self::client()->chat(Requests::chat(), new CallOptions(requestId: 'draining-twice'));
        self::assertSame('hi', $answer->getText());
        self::assertCount(3, self::requests());
        self::assertCount(1, array_unique(array_column(self::requests(), 'body')));
    }

    /** @dataProvider comingAndGoing */
    public function testAServerThatComesOrGoesIsWaitedForLikeOneThatIsNotThere(string $behaviour): void
    {
        $answer = self::client()->chat(Requests::chat(), new CallOptions(requestId: $behaviour));
        self::assertSame('hi', $answer->getText());
        self::assertCount(10, self::requests());
    }

    /** @return list<array{string}> */
    public static function comingAndGoing(): array
    {
        return [['draining-nine-times'], ['starting-nine-times']];
    }

    public function testAfterFiveTriesTheErrorIsToldWithItsDetails(): void
    {
        $error = self::failure('overloaded');
        self::assertInstanceOf(GatewayUnavailableException::class, $error);
        self::assertSame('OVERLOADED', $error->reason);
        self::assertSame(0.01, $error->retryAfterS);
        self::assertSame('UNAVAILABLE (OVERLOADED): told so', $error->getMessage());
        self::assertCount(5, self::requests());
    }

    public function testAPushbackOfMinusOneIsObeyed(): void
    {
        self::assertSame(Code::Unavailable, self::failure('never-again')->status);
        self::assertCount(1, self::requests());
    }

    public function testAConnectionThatBreaksIsTriedAgain(): void
    {
        self::assertSame('hi', self::client()->chat(Requests::chat(), new CallOptions(requestId: 'reset-once'))->getText());
        self::assertCount(2, self::requests());
        self::assertSame(Code::Unavailable, self::failure('reset')->status);
        self::assertSame(Code::Unavailable, self::failure('short-body')->status);
    }

    public function testSilenceEndsWithTheDeadlineAndIsNotTriedAgain(): void
    {
        self::assertInstanceOf(DeadlineExceededException::class, self::failure('silent', 0.3));
        self::assertCount(1, self::requests());
    }

    public function testAServerThatIsNotThereIsWaitedForUntilTheDeadline(): void
    {
        $nobody = 'http://127.0.0.1:' . Paths::freePort();
        $client = new GatewayClient(new ClientOptions(httpUrl: $nobody));
        $this->expectException(DeadlineExceededException::class);
        $this->expectExceptionMessage($nobody);
        $client->chat(Requests::chat(), new CallOptions(0.5));
    }

    public function testWithoutWaitForReadyAServerThatIsNotThereFailsAtOnce(): void
    {
        $client = new GatewayClient(new ClientOptions(
            httpUrl: 'http://127.0.0.1:' . Paths::freePort(),
            serviceConfig: '{"methodConfig": [{"name": [{}]}]}',
        ));
        $this->expectException(GatewayUnavailableException::class);
        $client->chat(Requests::chat());
    }

    public function testDetailsThatCannotBeReadDoNotHideTheError(): void
    {
        $error = self::failure('odd-details');
        self::assertInstanceOf(UnauthenticatedException::class, $error);
        self::assertSame('', $error->reason);
    }

    /** @dataProvider strangers */
    public function testRepliesOfOtherServersAreNamedAsSuch(string $name, Code $code, string $text): void
    {
        $error = self::failure($name);
        self::assertSame($code, $error->status);
        self::assertStringContainsString($text, $error->getMessage());
    }

    /** @return list<array{string, Code, string}> */
    public static function strangers(): array
    {
        return [
            ['proxy-404', Code::Unimplemented, 'HTTP status 404 with text/html'],
            ['proxy-502', Code::Unavailable, 'HTTP status 502 with text/html'],
            ['redirect', Code::Unknown, 'HTTP status 307'],
            ['web-page', Code::Unknown, "type 'text/html'"],
            ['garbage', Code::Internal, 'no such message'],
        ];
    }

    public function testAStreamEndsWithItsEndEnvelope(): void
    {
        self::assertSame('hi', self::stream('stream-ok')->getText());
        $body = base64_decode(self::requests()[0]['body']);
        self::assertSame(strlen($body) - 5, unpack('N', $body, 1)[1]);
    }

    public function testAStreamRefusedBeforeItsFirstMessageIsTriedAgain(): void
    {
        self::assertSame('hi', self::stream('stream-draining-once')->getText());
        self::assertCount(2, self::requests());
    }

    /**
     * @dataProvider brokenStreams
     * @param class-string<GatewayException> $class
     */
    public function testAStreamWithoutItsEndIsNeverASuccess(string $name, string $class, int $tries): void
    {
        try {
            self::stream($name);
            self::fail('the broken stream passed for a whole one');
        } catch (GatewayException $error) {
            self::assertInstanceOf($class, $error);
            self::assertCount($tries, self::requests());
        }
    }

    /** @return list<array{string, class-string<GatewayException>, int}> */
    public static function brokenStreams(): array
    {
        return [
            ['stream-no-end', TruncatedException::class, 1],
            ['stream-no-completed', TruncatedException::class, 1],
            ['stream-half-envelope', TruncatedException::class, 1],
            ['stream-cut', TruncatedException::class, 1],
            ['stream-error', GatewayException::class, 1],
            ['stream-bad-end', ProtocolException::class, 1],
            ['stream-compressed', ProtocolException::class, 1],
            ['stream-huge', ProtocolException::class, 1],
            ['stream-nothing', GatewayUnavailableException::class, 5],
            ['stream-refused', PermissionDeniedException::class, 1],
        ];
    }

    public function testTheDeadlineEndsASilentStream(): void
    {
        $this->expectException(DeadlineExceededException::class);
        self::client()->streamChat(Requests::chat(), new CallOptions(0.3, 'silent'))->answer();
    }

    public function testClientsThatAreDroppedLeaveNoConnectionOpen(): void
    {
        $open = static fn (): int => count((array) glob('/proc/self/fd/*'));
        gc_collect_cycles();
        $before = $open();
        for ($made = 0; $made < 20; $made++) {
            self::client()->chat(Requests::chat());
            self::stream('stream-ok');
        }
        self::assertLessThan($before + 10, $open());
    }

    public function testNoProxyOfTheEnvironmentStandsBeforeThisMachine(): void
    {
        putenv('http_proxy=http://127.0.0.1:' . Paths::freePort());
        try {
            self::assertSame('hi', self::client()->chat(Requests::chat(), new CallOptions(2.0))->getText());
        } finally {
            putenv('http_proxy');
        }
    }

    public function testADeadlineThatMeansForEverIsOneThatTheProtocolHolds(): void
    {
        self::client()->chat(Requests::chat(), new CallOptions((float) PHP_INT_MAX));
        self::assertMatchesRegularExpression('/^connect-timeout-ms: \d{10}\r$/m', self::requests()[0]['head']);
    }

    private static function client(): GatewayClient
    {
        return new GatewayClient(new ClientOptions(httpUrl: self::$url));
    }

    private static function stream(string $name): \Erpai\Gateway\V1\ChatResponse
    {
        return self::client()->streamChat(Requests::chat(), new CallOptions(requestId: $name))->answer();
    }

    private static function failure(string $name, float $deadlineS = 20.0): GatewayException
    {
        file_put_contents(self::$log, '');
        try {
            self::client()->chat(Requests::chat(), new CallOptions($deadlineS, $name));
        } catch (GatewayException $error) {
            return $error;
        }
        self::fail("'$name' passed for an answer");
    }

    /** @return list<array{head: string, body: string}> */
    private static function requests(): array
    {
        return array_map(static fn (string $line): array => json_decode($line, true), file(self::$log));
    }
}
