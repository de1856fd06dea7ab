<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Support;

/** Where things are, and free ports. */
final class Paths
{
    public static function repository(): string
    {
        return dirname(__DIR__, 4);
    }

    public static function package(): string
    {
        return dirname(__DIR__, 2);
    }

    public static function python(): string
    {
        $python = getenv('ERP_GATEWAY_PYTHON') ?: self::repository() . '/.venv/bin/python';
        if (!is_executable($python)) {
            throw new \RuntimeException("'$python' is not there: make setup");
        }
        return $python;
    }

    /**
     * The PHP that runs now, with the extensions it was given by -d.
     *
     * @return list<string>
     */
    public static function php(): array
    {
        $extensions = array_filter(explode(' ', (string) getenv('ERP_GATEWAY_PHP_EXTENSIONS')));
        $arguments = array_map(static fn (string $file): array => ['-d', "extension=$file"], $extensions);
        return array_merge([PHP_BINARY], ...array_values($arguments));
    }

    public static function temporary(): string
    {
        $folder = sys_get_temp_dir() . '/erp-gateway-php-' . bin2hex(random_bytes(6));
        mkdir($folder, 0o700);
        return $folder;
    }

    public static function freePort(): int
    {
        $server = stream_socket_server('tcp://127.0.0.1:0');
        $name = (string) stream_socket_get_name($server, false);
        fclose($server);
        return (int) substr($name, strrpos($name, ':') + 1);
    }
}
