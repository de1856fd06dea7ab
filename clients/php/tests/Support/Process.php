<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Support;

/** A process of the tests' own: started without a shell, ended by its id, at the latest with the test. */
final class Process
{
    private const START_S = 60.0;
    private const END_S = 30.0;

    /** @var resource */
    private $process;
    /** @var array<int, resource> */
    private array $pipes = [];
    public readonly int $pid;

    /**
     * @param list<string> $command
     * @param array<string, string> $env added to the environment
     */
    public function __construct(private readonly array $command, private readonly string $log, array $env = [])
    {
        $process = proc_open(
            $command,
            [0 => ['pipe', 'r'], 1 => ['pipe', 'w'], 2 => ['file', $log, 'a']],
            $this->pipes,
            Paths::repository(),
            $env + getenv(),
        );
        if (!is_resource($process)) {
            throw new \RuntimeException('cannot start ' . implode(' ', $command));
        }
        $this->process = $process;
        $this->pid = proc_get_status($process)['pid'];
    }

    public function __destruct()
    {
        $this->end();
    }

    /** The first line of its output that matches; the first group of the pattern. */
    public function printed(string $pattern): string
    {
        stream_set_blocking($this->pipes[1], false);
        $text = '';
        Eventually::holds(function () use (&$text, $pattern): bool {
            $text .= (string) stream_get_contents($this->pipes[1]);
            return preg_match($pattern, $text) === 1 || !$this->running();
        }, self::START_S);
        if (!preg_match($pattern, $text, $match)) {
            $log = is_file($this->log) ? substr((string) file_get_contents($this->log), -2000) : '';
            throw new \RuntimeException(implode(' ', $this->command) . " did not start: $text $log");
        }
        return $match[1];
    }

    /** Closes its input and returns all that it prints until it ends. */
    public function output(): string
    {
        fclose($this->pipes[0]);
        stream_set_blocking($this->pipes[1], true);
        $text = (string) stream_get_contents($this->pipes[1]);
        $this->end();
        return $text;
    }

    public function running(): bool
    {
        return is_resource($this->process) && proc_get_status($this->process)['running'];
    }

    public function send(int $signal): void
    {
        if ($this->running()) {
            posix_kill($this->pid, $signal);
        }
    }

    public function end(int $signal = SIGTERM): void
    {
        if (!is_resource($this->process)) {
            return;
        }
        $this->send($signal);
        try {
            Eventually::holds(fn (): bool => !$this->running(), self::END_S);
        } catch (\RuntimeException) {
            $this->send(SIGKILL);
        }
        array_map(fclose(...), array_filter($this->pipes, is_resource(...)));
        proc_close($this->process);
    }
}
