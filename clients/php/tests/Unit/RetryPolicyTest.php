<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Unit;

use Erpai\Gateway\Client\ClientOptions;
use Erpai\Gateway\Client\Code;
use Erpai\Gateway\Client\ErrorStatus;
use Erpai\Gateway\Client\RetryPolicy;
use Erpai\Gateway\Client\Tests\Support\Paths;
use PHPUnit\Framework\TestCase;

final class RetryPolicyTest extends TestCase
{
    private RetryPolicy $policy;

    protected function setUp(): void
    {
        $this->policy = RetryPolicy::fromServiceConfig((new ClientOptions())->serviceConfig);
    }

    public function testTheShippedConfigIsTheOneThatAllClientsShare(): void
    {
        $shared = Paths::repository() . '/clients/service_config.json';
        self::assertJsonStringEqualsJsonFile($shared, (new ClientOptions())->serviceConfig);
    }

    public function testBackOffsDoubleUpToTheirCap(): void
    {
        $error = new ErrorStatus(Code::Unavailable, '');
        $pauses = array_map(fn (int $attempt): ?float => $this->policy->pauseS($attempt, $error, 0.5), [1, 2, 3, 4, 5]);
        self::assertEqualsWithDelta([0.1, 0.2, 0.4, 0.8], array_slice($pauses, 0, 4), 1e-9);
        self::assertNull($pauses[4]);
        self::assertSame(2.0, (new RetryPolicy(99, codes: [Code::Unavailable]))->pauseS(50, $error, 0.5));
    }

    public function testJitterIsAFifthEitherWay(): void
    {
        $error = new ErrorStatus(Code::Unavailable, '');
        self::assertEqualsWithDelta(0.08, $this->policy->pauseS(1, $error, 0.0), 1e-9);
        self::assertEqualsWithDelta(0.12, $this->policy->pauseS(1, $error, 1.0), 1e-9);
    }

    public function testTheServerSaysHowLongToWait(): void
    {
        $retryInfo = new ErrorStatus(Code::Unavailable, '', 'OVERLOADED', retryAfterS: 3.5);
        self::assertSame(3.5, $this->policy->pauseS(1, $retryInfo, 0.5));
        $pushback = new ErrorStatus(Code::Unavailable, '', 'OVERLOADED', retryAfterS: 3.5, pushbackMs: 1500);
        self::assertSame(1.5, $this->policy->pauseS(1, $pushback, 0.5));
    }

    public function testWhatTheGatewayHasRetriedItselfIsFinal(): void
    {
        self::assertNull($this->policy->pauseS(1, new ErrorStatus(Code::Unavailable, '', 'ALL_MODELS_FAILED'), 0.5));
        self::assertNull($this->policy->pauseS(1, new ErrorStatus(Code::Unavailable, '', pushbackMs: -1), 0.5));
    }

    public function testOtherErrorsAreFinal(): void
    {
        foreach ([Code::InvalidArgument, Code::ResourceExhausted, Code::DeadlineExceeded, Code::Internal] as $code) {
            self::assertNull($this->policy->pauseS(1, new ErrorStatus($code, ''), 0.5));
        }
    }

    public function testARefusedConnectionIsTriedAgainForEverWithinASecond(): void
    {
        self::assertEqualsWithDelta(0.1, $this->policy->connectPauseS(1, 0.5), 1e-9);
        self::assertSame(1.0, $this->policy->connectPauseS(500, 0.5));
        self::assertNull((new RetryPolicy())->connectPauseS(1, 0.5));
    }

    public function testATextThatIsNoConfigIsRefused(): void
    {
        $this->expectException(\JsonException::class);
        RetryPolicy::fromServiceConfig('{');
    }
}
