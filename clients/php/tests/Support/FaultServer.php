<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Support;

/** The project's fault server: a model provider that misbehaves as told. See tests/faults/README.md. */
final class FaultServer
{
    public readonly string $root;
    private readonly Process $process;

    public function __construct(string $folder)
    {
        $command = [Paths::python(), '-m', 'tests.faults', '--port', '0'];
        $this->process = new Process($command, "$folder/faults.log");
        $this->root = 'http://127.0.0.1:' . $this->process->printed('/(\d{4,5})/');
    }

    public function end(): void
    {
        $this->process->end();
    }

    /** @param string|array<string, mixed> ...$behaviours what the next calls of the model get, the last for ever */
    public function script(string $model, string|array ...$behaviours): void
    {
        $this->post('/_script', ['model' => $model, 'behaviours' => $behaviours]);
    }

    public function reset(): void
    {
        $this->post('/_reset', []);
    }

    /** @return list<array<string, mixed>> */
    public function calls(string $model): array
    {
        return json_decode((string) file_get_contents("$this->root/_log?model=$model"), true)['calls'];
    }

    /** Whether the caller of the model's last call left before its end. */
    public function hungUp(string $model): bool
    {
        $calls = $this->calls($model);
        return $calls !== [] && end($calls)['hung_up_s'] !== null;
    }

    /** @param array<string, mixed> $body */
    private function post(string $path, array $body): void
    {
        $context = stream_context_create(['http' => [
            'method' => 'POST',
            'header' => 'Content-Type: application/json',
            'content' => json_encode($body),
        ]]);
        file_get_contents($this->root . $path, false, $context);
    }
}
