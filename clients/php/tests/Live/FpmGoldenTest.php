<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Live;

use Erpai\Gateway\Client\Tests\Golden\Cases;
use Erpai\Gateway\Client\Tests\Golden\GoldenServer;
use Erpai\Gateway\Client\Tests\Golden\Outcome;
use Erpai\Gateway\Client\Tests\Support\Fpm;
use Erpai\Gateway\Client\Tests\Support\Paths;
use PHPUnit\Framework\TestCase;

/**
 * The golden cases inside PHP-FPM's workers, behind nginx, with the extensions that servers should have.
 *
 * @group in-c
 */
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
        foreach (Cases::files() as $file) {
            foreach (['gRPC', 'Connect', 'Connect with JSON'] as $way) {
                yield basename($file, '.json') . ", $way" => [$way, $file];
            }
        }
    }

    /** @dataProvider cases */
    public function testTheCaseHoldsInAWorker(string $way, string $file): void
    {
        $ways = self::$server->ways();
        $call = static fn (array $step): Outcome => self::inWorker($ways[$way], $step);
        $hold = static function (array $step) use ($ways, $way) {
            $page = self::$fpm->reading('/hold.php', ['way' => $ways[$way], 'step' => $step]);
            self::assertSame('.', fread($page, 1)); // its first delta
            return $page;
        };
        self::assertSame([], self::$server->play(Cases::read($file), $call, $hold));
    }

    /**
     * @param array<string, string> $way
     * @param array<string, mixed> $step
     */
    private static function inWorker(array $way, array $step): Outcome
    {
        $page = self::$fpm->reading('/golden.php', ['way' => $way, 'step' => $step]);
        $reply = (string) stream_get_contents($page);
        return Outcome::fromArray(json_decode($reply, true) ?? throw new \RuntimeException("no outcome: $reply"));
    }
}
