<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client;

use Erpai\Gateway\Client\Exception\ProtocolException;

/**
 * Cuts a stream's bytes into envelopes: one byte of flags, four of length, and the payload.
 *
 * @internal
 */
final class ConnectEnvelopes
{
    public const COMPRESSED = 1;
    public const END = 2;
    private const HEAD_BYTES = 5;
    private const MAX_BYTES = 16 * 1024 * 1024;

    public static function wrap(string $payload): string
    {
        return pack('CN', 0, strlen($payload)) . $payload;
    }

    /**
     * Takes the first whole envelope out of `$buffer`.
     *
     * @return ?array{int, string} flags and payload; null when there is none yet
     */
    public static function next(string &$buffer): ?array
    {
        if (strlen($buffer) < self::HEAD_BYTES) {
            return null;
        }
        ['flags' => $flags, 'length' => $length] = unpack('Cflags/Nlength', $buffer);
        if ($length > self::MAX_BYTES || $flags & ~self::END) {
            $told = "an envelope with flags $flags and $length bytes: not asked for, or no Connect stream";
            throw new ProtocolException(new ErrorStatus(Code::Internal, $told));
        }
        if (strlen($buffer) < self::HEAD_BYTES + $length) {
            return null;
        }
        $payload = substr($buffer, self::HEAD_BYTES, $length);
        $buffer = substr($buffer, self::HEAD_BYTES + $length);
        return [$flags, $payload];
    }
}
