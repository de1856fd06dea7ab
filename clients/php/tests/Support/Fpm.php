<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Support;

/** PHP-FPM behind nginx, with configuration of its own in a temporary folder. Loopback only. */
final class Fpm
{
    public const WORKERS = 4;
    private const PAGE_S = 180;

    public readonly string $url;
    private readonly Process $fpm;
    private readonly Process $nginx;

    public function __construct(private readonly string $folder, int $requestsPerWorker)
    {
        $port = Paths::freePort();
        $this->url = "http://127.0.0.1:$port";
        $root = posix_geteuid() === 0;
        $fill = [
            'FOLDER' => $folder,
            'PORT' => (string) $port,
            'SCRIPTS' => __DIR__ . '/fpm',
            'MAX_REQUESTS' => (string) $requestsPerWorker,
            'WORKERS' => (string) self::WORKERS,
            'AS_ROOT' => $root ? "user = root\ngroup = root" : '',
            'USER' => $root ? 'user root;' : '',
        ];
        foreach (['fpm.conf', 'nginx.conf'] as $file) {
            file_put_contents("$folder/$file", strtr((string) file_get_contents(__DIR__ . "/fpm/$file"), $fill));
        }
        $extensions = array_slice(Paths::php(), 1);
        $allow = $root ? ['-R'] : [];
        $binary = '/usr/sbin/php-fpm' . PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION;
        $this->fpm = new Process([$binary, '-F', ...$allow, ...$extensions, '-y', "$folder/fpm.conf"], "$folder/fpm.out");
        $this->nginx = new Process(['/usr/sbin/nginx', '-e', "$folder/nginx.log", '-c', "$folder/nginx.conf"], "$folder/nginx.out");
        Eventually::holds(fn (): bool => @file_get_contents("$this->url/ready") === 'ready');
        Eventually::holds(static fn (): bool => file_exists("$folder/fpm.sock"));
    }

    public function end(): void
    {
        $this->nginx->end();
        $this->fpm->end();
    }

    /**
     * Posts JSON to a page and leaves its reply to be read; closing the handle leaves the page.
     *
     * @param array<string, mixed> $body
     * @return resource
     */
    public function reading(string $page, array $body)
    {
        $options = ['method' => 'POST', 'header' => 'Content-Type: application/json', 'timeout' => self::PAGE_S];
        $context = stream_context_create(['http' => $options + ['content' => json_encode($body)]]);
        return fopen($this->url . $page, 'r', false, $context) ?: throw new \RuntimeException("$page gave no reply");
    }

    /** As `systemctl reload php8.2-fpm`: new workers, and the old ones finish what they have. */
    public function reloadFpm(): void
    {
        $this->fpm->send(SIGUSR2);
    }

    public function reloadNginx(): void
    {
        $this->nginx->send(SIGHUP);
    }

    /** What nginx and FPM wrote last, for the message of a failed test. */
    public function log(): string
    {
        $tail = fn (string $file): string => "$file: "
            . substr((string) @file_get_contents("$this->folder/$file"), -4000);
        return implode("\n", array_map($tail, ['nginx.log', 'fpm.log']));
    }

    /** The process that is asked to serve; its workers are its children. */
    public function pid(): int
    {
        return $this->fpm->pid;
    }
}
