<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client;

/** What may differ from call to call. */
final class CallOptions
{
    /**
     * @param ?float $deadlineS budget of the call with all its tries; null: the client's
     * @param string $requestId the id of the call, up to 128 printable characters. The same id again within ten
     *     minutes returns the same answer and is billed once. Empty: one is made
     * @param string $traceparent W3C trace context to continue
     */
    public function __construct(
        public readonly ?float $deadlineS = null,
        public readonly string $requestId = '',
        public readonly string $traceparent = '',
    ) {
    }
}
