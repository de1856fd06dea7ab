<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client;

/** Canonical status codes: https://grpc.io/docs/guides/status-codes/. */
enum Code: int
{
    case Ok = 0;
    case Cancelled = 1;
    case Unknown = 2;
    case InvalidArgument = 3;
    case DeadlineExceeded = 4;
    case NotFound = 5;
    case AlreadyExists = 6;
    case PermissionDenied = 7;
    case ResourceExhausted = 8;
    case FailedPrecondition = 9;
    case Aborted = 10;
    case OutOfRange = 11;
    case Unimplemented = 12;
    case Internal = 13;
    case Unavailable = 14;
    case DataLoss = 15;
    case Unauthenticated = 16;

    /** As the documentation and service configs write it, such as "INVALID_ARGUMENT". */
    public function canonicalName(): string
    {
        return strtoupper((string) preg_replace('/(?<!^)[A-Z]/', '_$0', $this->name));
    }

    /** From "INVALID_ARGUMENT" or the Connect protocol's "invalid_argument"; null when there is none such. */
    public static function fromName(string $name): ?self
    {
        foreach (self::cases() as $code) {
            if ($code->canonicalName() === strtoupper($name)) {
                return $code;
            }
        }
        // The Connect protocol writes one of them in American English.
        return strtoupper($name) === 'CANCELED' ? self::Cancelled : null;
    }
}
