<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Live;

use Erpai\Gateway\Client\Tests\Support\Crowd;
use Erpai\Gateway\Client\Tests\Support\Fpm;
use Erpai\Gateway\Client\Tests\Support\LiveTestCase;

/** PHP-FPM behind nginx, as ERP systems run it. */
final class FpmTest extends LiveTestCase
{
    private const REQUESTS = 3000;
    private const AT_ONCE = 8;
    /** Each worker serves so many requests and is replaced: several times in 3,000. */
    private const REQUESTS_PER_WORKER = 250;
    /** A worker's first requests load classes and open the channel. */
    private const WARM_REQUESTS = 50;
    private const GROWTH_BYTES = 2 * 1024 * 1024;

    public function testThreeThousandRequestsWithRecyclingAndReloadsCostNoneAndMemoryStaysFlat(): void
    {
        $fpm = new Fpm(self::$folder, self::REQUESTS_PER_WORKER);
        $kinds = array_map(static fn (array $way): string => $way[0]->name, array_values(self::ways()));
        $urls = [];
        for ($number = 0; $number < self::REQUESTS; $number++) {
            $query = ['kind' => $kinds[$number % count($kinds)]]
                + ['grpc' => self::$gateway->target, 'http' => self::$gateway->httpUrl];
            $urls[] = "$fpm->url/answer.php?" . http_build_query($query);
        }
        $replies = Crowd::ask($urls, self::AT_ONCE, static function (int $done) use ($fpm): void {
            match ($done) {
                1000 => $fpm->reloadFpm(),
                1500 => $fpm->reloadNginx(),
                2000 => self::$gateway->end() ?? self::$gateway->start(),
                default => null,
            };
        });
        $kept = self::keptConnections();
        $fpm->end();
        $failed = array_values(array_filter($replies, static fn (array $reply): bool => $reply[0] !== 200));
        self::assertSame([], array_slice($failed, 0, 3));
        self::assertCount(self::REQUESTS, $replies);
        self::assertGreaterThan(0, $kept);
        self::assertLessThanOrEqual(Fpm::WORKERS, $kept, 'a worker keeps one channel');
        $bytes = self::bytesByWorker(array_column($replies, 1));
        self::assertGreaterThan(self::REQUESTS / self::REQUESTS_PER_WORKER, count($bytes) + 1, 'no worker was replaced');
        $growth = array_map(
            static fn (array $of): int => count($of) > self::WARM_REQUESTS ? end($of) - $of[self::WARM_REQUESTS] : 0,
            $bytes,
        );
        fwrite(STDERR, sprintf("  %d workers, growth at most %d KiB\n", count($bytes), max($growth) / 1024));
        self::assertLessThan(self::GROWTH_BYTES, max($growth));
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
