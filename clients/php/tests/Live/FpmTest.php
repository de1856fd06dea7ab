<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Live;

use Erpai\Gateway\Client\Tests\Support\Crowd;
use Erpai\Gateway\Client\Tests\Support\Fpm;
use Erpai\Gateway\Client\Tests\Support\LiveTestCase;
use Erpai\Gateway\Client\Tests\Support\Soak;

/** PHP-FPM behind nginx, as ERP systems run it. */
final class FpmTest extends LiveTestCase
{
    private const AT_ONCE = 8;
    /** A worker's first requests load classes and open the channel. */
    private const WARM_REQUESTS = 30;
    private const GROWTH_BYTES = 1024 * 1024;
    /** A restart costs who lives through it 0.5 MiB once, two paths of connecting; on a busy machine up to 2.9 MiB. */
    private const RESTART_BYTES = 4 * 1024 * 1024;

    public function testRecyclingReloadsAndARestartCostNoRequestAndMemoryStaysFlat(): void
    {
        $requests = Soak::length(600, 3000);
        $perWorker = intdiv($requests, 12); // each serves so many and is replaced: three times
        $fpm = new Fpm(self::$folder, $perWorker);
        $replies = Crowd::ask(self::pages($fpm, $requests), self::AT_ONCE, static function (int $done) use ($fpm, $requests): void {
            match ($done) {
                intdiv($requests, 3) => $fpm->reloadFpm(),
                intdiv($requests, 2) => $fpm->reloadNginx(),
                intdiv($requests * 2, 3) => self::$gateway->end() ?? self::$gateway->start(),
                default => null,
            };
        });
        $kept = self::keptConnections();
        $fpm->end();
        $failed = array_values(array_filter($replies, static fn (array $reply): bool => $reply[0] !== 200));
        self::assertSame([], array_slice($failed, 0, 3), $fpm->log());
        self::assertCount($requests, $replies);
        self::assertGreaterThan(0, $kept);
        self::assertLessThanOrEqual(Fpm::WORKERS, $kept, 'a worker keeps one channel');
        $bytes = self::bytesByWorker(array_column($replies, 1));
        self::assertGreaterThanOrEqual(12, count($bytes), 'no worker was replaced');
        $growth = self::growth($bytes);
        Soak::tell(sprintf('%d requests, %d workers, growth at most %d KiB', $requests, count($bytes), max($growth) / 1024));
        sort($growth);
        self::assertLessThan(self::GROWTH_BYTES, $growth[intdiv(count($growth), 2)]);
        self::assertLessThan(self::RESTART_BYTES, max($growth));
    }

    public function testAWorkerThatLivesLongDoesNotGrow(): void
    {
        $requests = Soak::length(600, 3000);
        $fpm = new Fpm(self::$folder, 0);
        $replies = Crowd::ask(self::pages($fpm, $requests), self::AT_ONCE, static fn (int $done) => null);
        $fpm->end();
        $bytes = self::bytesByWorker(array_column($replies, 1));
        self::assertCount(Fpm::WORKERS, $bytes);
        $growth = self::growth($bytes);
        Soak::tell(sprintf('%d requests, no worker replaced, growth at most %d KiB', $requests, max($growth) / 1024));
        self::assertLessThan(self::GROWTH_BYTES / 4, max($growth));
    }

    /** @return list<string> URLs of a page that asks the gateway, each way in turn */
    private static function pages(Fpm $fpm, int $requests): array
    {
        $kinds = array_map(static fn (array $way): string => $way[0]->name, array_values(self::ways()));
        $at = ['grpc' => self::$gateway->target, 'http' => self::$gateway->httpUrl];
        $page = static fn (int $number): string => "$fpm->url/answer.php?"
            . http_build_query(['kind' => $kinds[$number % count($kinds)]] + $at);
        return array_map($page, range(1, $requests));
    }

    /**
     * @param array<int, list<int>> $bytes by worker
     * @return array<int, int> bytes that each worker grew by after its first requests
     */
    private static function growth(array $bytes): array
    {
        return array_map(
            static fn (array $of): int => count($of) > self::WARM_REQUESTS ? end($of) - $of[self::WARM_REQUESTS] : 0,
            $bytes,
        );
    }

    /** Connections to the gRPC port that are open while no request is in progress. */
    private static function keptConnections(): int
    {
        $port = (int) explode(':', self::$gateway->target)[1];
        $wanted = sprintf(':%04X 01', $port); // the remote end, in the state ESTABLISHED
        // gRPC's sockets speak both families, and are listed under the newer one.
        $all = file_get_contents('/proc/net/tcp') . file_get_contents('/proc/net/tcp6');
        return substr_count($all, $wanted);
    }

    /**
     * @param list<string> $bodies
     * @return array<int, list<int>>
     */
    private static function bytesByWorker(array $bodies): array
    {
        $bytes = [];
        foreach ($bodies as $body) {
            $told = json_decode($body, true);
            self::assertNotSame('', $told['text']);
            $bytes[$told['pid']][] = $told['bytes'];
        }
        return $bytes;
    }
}
