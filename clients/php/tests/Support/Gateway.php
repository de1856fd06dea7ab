<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Support;

/** The real gateway as a process, on ports that stay the same when it is started again. */
final class Gateway
{
    public readonly string $target;
    public readonly string $httpUrl;
    private readonly string $config;
    private ?Process $process = null;

    public function __construct(private readonly string $folder, FaultServer $faults)
    {
        [$grpc, $http] = [Paths::freePort(), Paths::freePort()];
        $this->target = "127.0.0.1:$grpc";
        $this->httpUrl = "http://127.0.0.1:$http";
        $this->config = "$folder/gateway.yaml";
        file_put_contents($this->config, strtr(file_get_contents(__DIR__ . '/gateway.yaml'), [
            'GRPC_PORT' => (string) $grpc,
            'HTTP_PORT' => (string) $http,
            'KNOWLEDGE' => Paths::repository() . '/config/knowledge',
            'FAULTS' => $faults->root . '/v1',
        ]));
        $this->start();
    }

    public function start(): void
    {
        $command = [Paths::python(), '-m', 'gateway', 'serve', '--config', $this->config];
        $this->process = new Process($command, "$this->folder/gateway.log", ['TEST_KEY' => 'k-test']);
        $this->process->printed('/serving on (\S+)/');
    }

    public function end(int $signal = SIGTERM): void
    {
        $this->process?->end($signal);
    }
}
