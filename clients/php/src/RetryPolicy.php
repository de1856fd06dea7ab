<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client;

/**
 * What the curl transport retries: the same as gRPC does, read from the same service config.
 *
 * Deciding only; it neither sleeps nor reads a clock.
 */
final class RetryPolicy
{
    /** gRPC spreads back-offs by a fifth either way (gRFC A6 as amended), so that callers do not return at once. */
    private const JITTER = 0.2;
    /** Longest pause between two tries to connect: soon enough to notice a restarted server. */
    private const MAX_CONNECT_PAUSE_S = 1.0;

    /**
     * @param int $maxAttempts tries of one call, the first included
     * @param list<Code> $codes which are retried
     * @param bool $waitForReady a refused connection is tried again until the deadline: nothing was sent yet
     */
    public function __construct(
        public readonly int $maxAttempts = 1,
        public readonly float $initialBackoffS = 0.1,
        public readonly float $maxBackoffS = 2.0,
        public readonly float $multiplier = 2.0,
        public readonly array $codes = [],
        public readonly bool $waitForReady = false,
    ) {
    }

    /** The first method config of a gRPC service config. */
    public static function fromServiceConfig(string $json): self
    {
        $config = json_decode($json, true, 32, JSON_THROW_ON_ERROR)['methodConfig'][0] ?? [];
        $retry = $config['retryPolicy'] ?? [];
        $codes = array_map(static fn (string $name): ?Code => Code::fromName($name), $retry['retryableStatusCodes'] ?? []);
        return new self(
            (int) ($retry['maxAttempts'] ?? 1),
            (float) rtrim((string) ($retry['initialBackoff'] ?? '0.1s'), 's'),
            (float) rtrim((string) ($retry['maxBackoff'] ?? '2s'), 's'),
            (float) ($retry['backoffMultiplier'] ?? 2),
            array_values(array_filter($codes)),
            (bool) ($config['waitForReady'] ?? false),
        );
    }

    /**
     * Seconds to wait before the next try; null when the error is final.
     *
     * @param int $attempt how many tries there were, from 1
     * @param float $random from 0 to 1
     */
    public function pauseS(int $attempt, ErrorStatus $error, float $random): ?float
    {
        if ($attempt >= $this->maxAttempts || !in_array($error->code, $this->codes, true)) {
            return null;
        }
        if ($error->pushbackMs !== null) {
            return $error->pushbackMs < 0 ? null : $error->pushbackMs / 1000;
        }
        if ($error->reason === 'ALL_MODELS_FAILED') {
            return null; // the gateway has retried already
        }
        return $error->retryAfterS ?? $this->backoffS($attempt, $random);
    }

    /**
     * Whether a refusal is as good as no connection: the server comes or goes and has done no work. gRPC's
     * health checks keep calls away from one that goes; here it is asked until the next one has its place.
     */
    public function awaits(ErrorStatus $error): bool
    {
        return $this->waitForReady
            && $error->code === Code::Unavailable
            && in_array($error->reason, ['DRAINING', 'STARTING'], true);
    }

    /** Seconds to wait before connecting again; null when a refused connection is final. */
    public function connectPauseS(int $attempt, float $random): ?float
    {
        return $this->waitForReady ? min($this->backoffS($attempt, $random), self::MAX_CONNECT_PAUSE_S) : null;
    }

    private function backoffS(int $attempt, float $random): float
    {
        $backoff = min($this->initialBackoffS * $this->multiplier ** ($attempt - 1), $this->maxBackoffS);
        return $backoff * (1 - self::JITTER + 2 * self::JITTER * $random);
    }
}
