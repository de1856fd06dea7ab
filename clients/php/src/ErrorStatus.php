<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client;

/** How a call failed, whichever transport carried it. */
final class ErrorStatus
{
    /**
     * @param string $reason ErrorInfo's reason such as "QUOTA_EXHAUSTED"; empty when the gateway's service has
     *     not seen the call (no connection, too large a message)
     * @param array<string, string> $metadata ErrorInfo's metadata
     * @param list<FieldViolation> $violations of BadRequest or QuotaFailure
     * @param ?float $retryAfterS RetryInfo's delay in seconds
     * @param ?int $pushbackMs the trailer grpc-retry-pushback-ms: negative means "do not retry"
     */
    public function __construct(
        public readonly Code $code,
        public readonly string $message,
        public readonly string $reason = '',
        public readonly array $metadata = [],
        public readonly array $violations = [],
        public readonly ?float $retryAfterS = null,
        public readonly ?int $pushbackMs = null,
    ) {
    }

    /** The id to quote to the gateway's operators; empty when the gateway has not seen the call. */
    public function requestId(): string
    {
        return $this->metadata['request_id'] ?? '';
    }
}
