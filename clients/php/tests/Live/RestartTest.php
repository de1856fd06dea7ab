<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Live;

use Erpai\Gateway\Client\Tests\Support\LiveTestCase;
use Erpai\Gateway\Client\Tests\Support\Paths;
use Erpai\Gateway\Client\Tests\Support\Process;
use Erpai\Gateway\Client\Tests\Support\Requests;
use Erpai\Gateway\Client\Tests\Support\Soak;
use Erpai\Gateway\V1\AnswerBy;

/** The shipped settings under restarts: each transport calls all the time, one call after another. */
final class RestartTest extends LiveTestCase
{
    /** Room for the allocators; a leak of 1 KiB per call would show at a few thousand calls. */
    private const GROWTH_BYTES = 4 * 1024 * 1024;

    public function testRestartsUnderLoadCostNoCall(): void
    {
        $restarts = Soak::length(3, 20);
        $loads = [];
        foreach (self::ways() as $name => [$way]) {
            $script = Paths::package() . '/tests/Support/load.php';
            $command = [...Paths::php(), $script, $way->name, self::$gateway->target, self::$gateway->httpUrl];
            $loads[$name] = new Process($command, self::$folder . '/load.log');
        }
        array_map(static fn (Process $load): string => $load->printed('/(warm)/'), $loads);
        for ($restart = 0; $restart < $restarts; $restart++) {
            self::$gateway->end();
            self::$gateway->start();
            array_map(static fn (Process $load): string => $load->printed('/(tick)/'), $loads);
        }
        foreach ($loads as $name => $load) {
            $told = json_decode(explode('told: ', $load->output())[1], true);
            Soak::tell(sprintf('%s: %d restarts, %d calls, slowest %.1f s', $name, $restarts, $told['calls'], $told['slowest_s']));
            self::assertSame([], $told['failures'], $name);
            self::assertGreaterThan($restarts, $told['calls'], $name);
            self::assertLessThan(self::GROWTH_BYTES, $told['bytes'] - $told['warm_bytes'], "$name: memory grows");
        }
    }

    public function testAKilledServerCostsNoCallEither(): void
    {
        $request = Requests::chat(by: AnswerBy::ANSWER_BY_RULES_ONLY);
        foreach (self::ways() as [$way]) {
            $client = self::client($way);
            $client->chat($request);
            self::$gateway->end(SIGKILL);
            self::$gateway->start();
            $answer = $client->chat($request);
            self::assertNotSame('', $answer->getText());
        }
    }
}
