<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client;

/** Reads the errors of the Connect protocol: https://connectrpc.com/docs/protocol. */
final class ConnectErrors
{
    /**
     * A reply that is no answer.
     *
     * @param array<string, string> $headers of the reply, in lower case
     */
    public static function ofResponse(int $httpStatus, array $headers, string $body): ErrorStatus
    {
        $error = str_starts_with($headers['content-type'] ?? '', 'application/json') ? json_decode($body, true) : null;
        if (!is_array($error) || !is_string($error['code'] ?? null)) {
            $told = sprintf('HTTP status %d with %s', $httpStatus, $headers['content-type'] ?? 'no content type');
            return new ErrorStatus(self::codeOf($httpStatus), "$told, from something that is no gateway");
        }
        return self::ofJson($error, $httpStatus, self::pushback($headers));
    }

    /**
     * The `error` of an end of stream, or the body of a failed unary call.
     *
     * @param array<array-key, mixed> $error
     */
    public static function ofJson(array $error, int $httpStatus = 0, ?int $pushbackMs = null): ErrorStatus
    {
        $details = new ErrorDetails();
        foreach (is_array($error['details'] ?? null) ? $error['details'] : [] as $detail) {
            if (is_string($detail['type'] ?? null) && is_string($detail['value'] ?? null)) {
                $details->add($detail['type'], (string) base64_decode($detail['value']));
            }
        }
        $code = Code::fromName(is_string($error['code'] ?? null) ? $error['code'] : '') ?? self::codeOf($httpStatus);
        return $details->build($code, is_string($error['message'] ?? null) ? $error['message'] : '', $pushbackMs);
    }

    /** @param array<string, string> $headers */
    public static function pushback(array $headers): ?int
    {
        // Unary replies carry trailers as headers with a prefix.
        $value = $headers['trailer-grpc-retry-pushback-ms'] ?? $headers['grpc-retry-pushback-ms'] ?? null;
        return $value === null || !is_numeric($value) ? null : (int) $value;
    }

    /** The protocol's table for replies of proxies and other servers that know no Connect. */
    private static function codeOf(int $httpStatus): Code
    {
        return match ($httpStatus) {
            400 => Code::Internal,
            401 => Code::Unauthenticated,
            403 => Code::PermissionDenied,
            404 => Code::Unimplemented,
            429, 502, 503, 504 => Code::Unavailable,
            default => Code::Unknown,
        };
    }
}
