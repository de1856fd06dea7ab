<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Live;

use Erpai\Gateway\Client\Tests\Golden\GoldenServer;
use Erpai\Gateway\Client\Tests\Golden\Outcome;
use Erpai\Gateway\Client\Tests\Support\Fpm;
use Erpai\Gateway\Client\Tests\Support\Paths;
use PHPUnit\Framework\TestCase;

/** The golden cases inside PHP-FPM's workers. */
final class FpmGoldenTest extends TestCase
{
    private static GoldenServer $server;
    private static Fpm $fpm;

    public static function setUpBeforeClass(): void
    {
        $folder = Paths::temporary();
        self::$server = new GoldenServer($folder);
        self::$fpm = new Fpm($folder, 20);
    }

    public static function tearDownAfterClass(): void
    {
        self::$fpm->end();
        self::$server->end();
    }

    /** @return iterable<string, array{string, string}> */
    public static function cases(): iterable
    {
        foreach (GoldenTest::cases() as $name => [$way, $file]) {
            // A page that has ended holds no stream open.
            $holds = in_array('hold', json_decode((string) file_get_contents($file), true)['needs'] ?? [], true);
            if (!$holds && in_array($way, ['gRPC', 'Connect'], true)) {
                yield $name => [$way, $file];
            }
        }
    }

    /** @dataProvider cases */
    public function testTheCaseHoldsInAWorker(string $way, string $file): void
    {
        $ways = self::$server->ways();
        $call = static fn (array $step): Outcome => self::inWorker($ways[$way], $step);
        $hold = static fn (array $step): never => throw new \LogicException('a page holds no stream');
        $case = json_decode((string) file_get_contents($file), true);
        self::assertSame([], self::$server->play($case, $call, $hold));
    }

    /**
     * @param array<string, string> $way
     * @param array<string, mixed> $step
     */
    private static function inWorker(array $way, array $step): Outcome
    {
        $context = stream_context_create(['http' => [
            'method' => 'POST',
            'content' => json_encode(['way' => $way, 'step' => $step]),
            'header' => 'Content-Type: application/json',
            'timeout' => 180,
        ]]);
        $reply = (string) file_get_contents(self::$fpm->url . '/golden.php', false, $context);
        return Outcome::fromArray(json_decode($reply, true) ?? throw new \RuntimeException("no outcome: $reply"));
    }
}
