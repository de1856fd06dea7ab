<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client;

/** The metadata of a call. */
final class Headers
{
    /**
     * @return array<string, string>
     * @throws \InvalidArgumentException for characters that could smuggle in a header of its own
     */
    public static function of(ClientOptions $client, CallOptions $call): array
    {
        $headers = [
            // Made here rather than by the server: all tries of the call share it, so a retry is billed once.
            'x-request-id' => $call->requestId !== '' ? $call->requestId : bin2hex(random_bytes(16)),
            'authorization' => $client->apiKey !== '' ? "Bearer $client->apiKey" : '',
            'x-erp-version' => $client->erpVersion,
            'traceparent' => $call->traceparent,
        ];
        foreach ($headers as $name => $value) {
            if (preg_match('/[^\x20-\x7e]/', $value)) {
                throw new \InvalidArgumentException("'$name' may hold printable ASCII characters only");
            }
        }
        return array_filter($headers, static fn (string $value): bool => $value !== '');
    }
}
