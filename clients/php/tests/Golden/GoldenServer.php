<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Golden;

use Erpai\Gateway\Client\Tests\Support\Eventually;
use Erpai\Gateway\Client\Tests\Support\Paths;
use Erpai\Gateway\Client\Tests\Support\Process;

/** `python -m tests.golden.serve`: the gateway and the models that the golden cases speak of. */
final class GoldenServer
{
    private const UPSTREAM_S = 10.0;
    private const HTTP_S = 120;

    /** @var array<string, string> gateway, http, control, faults, ca, certificate, key */
    public readonly array $addresses;
    private readonly Process $process;

    /** @param string $security plain, tls or mtls */
    public function __construct(string $folder, private readonly string $security = 'plain')
    {
        $command = [Paths::python(), '-m', 'tests.golden.serve', $security];
        $this->process = new Process($command, "$folder/golden.log");
        $this->addresses = json_decode($this->process->printed('/^(\{.*\})$/m'), true);
        $this->warm();
    }

    /** One answer by a model: cases with short deadlines are not about a gateway that has just started. */
    private function warm(): void
    {
        $request = ['messages' => [['role' => 'ROLE_USER', 'text' => 'Hello?']]];
        $step = ['call' => 'Chat', 'deadline_s' => 120, 'request' => json_encode($request)];
        $this->post("{$this->addresses['faults']}/_script", ['model' => 'main', 'behaviours' => ['ok']]);
        $outcome = (new Caller($this->ways()['Connect']))->call($step);
        if (Matcher::at($outcome->response, 'info.source') !== 'SOURCE_MODEL') {
            throw new \RuntimeException('no model answers: ' . json_encode($outcome));
        }
    }

    public function end(): void
    {
        $this->process->end();
    }

    /** @return array<string, array<string, string>> the ways to it by name, as Caller takes them */
    public function ways(): array
    {
        $at = $this->addresses;
        $tls = match ($this->security) {
            'plain' => [],
            'tls' => ['ca' => $at['ca']],
            'mtls' => ['ca' => $at['ca'], 'certificate' => $at['certificate'], 'key' => $at['key']],
        };
        $url = ($tls === [] ? 'http://' : 'https://') . $at['http'];
        return [
            'gRPC' => ['kind' => 'Grpc', 'grpcTarget' => $at['gateway']] + $tls,
            'Connect' => ['kind' => 'Connect', 'httpUrl' => $url] + $tls,
            'Connect with JSON' => ['kind' => 'ConnectJson', 'httpUrl' => $url] + $tls,
        ];
    }

    /**
     * Plays one case.
     *
     * @param array<string, mixed> $case
     * @param callable(array<string, mixed>): Outcome $call
     * @param callable(array<string, mixed>): object $hold
     * @return list<string> what does not hold
     */
    public function play(array $case, callable $call, callable $hold): array
    {
        $this->post($this->addresses['faults'] . '/_up');
        $this->post($this->addresses['faults'] . '/_reset');
        $held = [];
        foreach ($case['steps'] as $number => $step) {
            if ($step['hold'] ?? false) {
                $held[] = $hold($step);
                continue;
            }
            $told = isset($step['call']) ? self::callStep($step, $call) : $this->controlStep($step);
            if ($told !== []) {
                $log = substr($this->get("{$this->addresses['control']}/log"), -2000);
                return ["{$case['name']}, step " . ($number + 1) . " ({$case['why']}):", ...$told, $log];
            }
        }
        return [];
    }

    /**
     * @param array<string, mixed> $step
     * @param callable(array<string, mixed>): Outcome $call
     * @return list<string>
     */
    private static function callStep(array $step, callable $call): array
    {
        $expectation = new Expectation($step['expect'] ?? [], !isset($step['cancel_after']));
        $told = [];
        for ($time = 0; $time < ($step['times'] ?? 1); $time++) {
            $told = [...$told, ...$expectation->wrong($call($step))];
        }
        return $told;
    }

    /**
     * @param array<string, mixed> $step
     * @return list<string>
     */
    private function controlStep(array $step): array
    {
        if (isset($step['upstream'])) {
            return $this->upstreamStep($step['upstream'], $step['expect']);
        }
        if (isset($step['server'])) {
            $this->post("{$this->addresses['control']}/{$step['server']}?wait=" . (int) ($step['wait'] ?? true));
        } elseif (is_string($step['faults'])) {
            $this->post("{$this->addresses['faults']}/_{$step['faults']}");
        } else {
            foreach ($step['faults'] as $model => $behaviours) {
                $this->post("{$this->addresses['faults']}/_script", ['model' => $model, 'behaviours' => $behaviours]);
            }
        }
        return [];
    }

    /**
     * @param array<string, mixed> $expect
     * @return list<string>
     */
    private function upstreamStep(string $model, array $expect): array
    {
        $seen = [];
        try {
            Eventually::holds(function () use ($model, $expect, &$seen): bool {
                $calls = json_decode($this->get("{$this->addresses['faults']}/_log?model=$model"), true)['calls'];
                $over = array_filter($calls, static fn (array $call): bool => (bool) ($call['finished_s'] ?? $call['hung_up_s']));
                $seen = [
                    'calls' => count($calls),
                    'hung_up' => $calls !== [] && end($calls)['hung_up_s'] !== null,
                    'over' => count($over) === count($calls),
                ];
                return array_intersect_key($seen, $expect) == $expect;
            }, self::UPSTREAM_S);
            return [];
        } catch (\RuntimeException) {
            return ["upstream of $model: " . json_encode($seen) . ' instead of ' . json_encode($expect)];
        }
    }

    /** @param array<string, mixed> $body */
    private function post(string $url, array $body = []): void
    {
        $this->http($url, ['method' => 'POST', 'content' => json_encode($body ?: new \stdClass())]);
    }

    private function get(string $url): string
    {
        return $this->http($url, ['method' => 'GET']);
    }

    /** @param array<string, string> $options */
    private function http(string $url, array $options): string
    {
        $options += ['header' => 'Content-Type: application/json', 'timeout' => self::HTTP_S];
        $text = file_get_contents($url, false, stream_context_create(['http' => $options]));
        return $text === false ? throw new \RuntimeException("no answer from $url") : $text;
    }
}
