<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Exception;

use Erpai\Gateway\Client\Code;
use Erpai\Gateway\Client\ErrorStatus;
use Erpai\Gateway\Client\FieldViolation;

/**
 * A call failed. Branch on the class or on `reason`, never on the message.
 *
 *     GatewayException
 *     +- InvalidRequestException        the request breaks documented rules: see `violations`
 *     +- ContentFilteredException       the provider refused the content
 *     +- ContextTooLongException        no model can hold the request
 *     +- UnauthenticatedException       no, unknown or expired key
 *     +- PermissionDeniedException      the key may not do this
 *     +- QuotaExhaustedException        a limit is used up: see `retryAfterS`
 *     +- NotFoundException              no such conversation or knowledge base
 *     +- DeadlineExceededException      the time is over
 *     +- GatewayUnavailableException    no answer now; the client has retried already
 *     |  +- TruncatedException          a stream ended without its end: throw away the text shown
 *     +- CallCancelledException         the call was cancelled
 *     +- ProtocolException              what came is no answer of a gateway
 */
class GatewayException extends \RuntimeException
{
    public readonly Code $status;
    /** ErrorInfo's reason such as "QUOTA_EXHAUSTED"; empty when the gateway's service has not seen the call. */
    public readonly string $reason;
    /** @var array<string, string> ErrorInfo's metadata */
    public readonly array $metadata;
    /** @var list<FieldViolation> all broken rules at once */
    public readonly array $violations;
    /** RetryInfo: how many seconds to wait before trying again. */
    public readonly ?float $retryAfterS;
    /** What to quote to the gateway's operators. */
    public readonly string $requestId;

    final public function __construct(public readonly ErrorStatus $errorStatus, ?\Throwable $previous = null)
    {
        $this->status = $errorStatus->code;
        $this->reason = $errorStatus->reason;
        $this->metadata = $errorStatus->metadata;
        $this->violations = $errorStatus->violations;
        $this->retryAfterS = $errorStatus->retryAfterS;
        $this->requestId = $errorStatus->requestId();
        parent::__construct(self::text($errorStatus), $errorStatus->code->value, $previous);
    }

    /** The exception that fits a status. */
    public static function of(ErrorStatus $status, ?\Throwable $previous = null): self
    {
        return match ($status->reason) {
            'CONTENT_FILTERED' => new ContentFilteredException($status, $previous),
            'CONTEXT_TOO_LONG' => new ContextTooLongException($status, $previous),
            'QUOTA_EXHAUSTED' => new QuotaExhaustedException($status, $previous),
            'REQUEST_TOO_LARGE' => new InvalidRequestException($status, $previous),
            default => self::byCode($status, $previous),
        };
    }

    private static function byCode(ErrorStatus $status, ?\Throwable $previous): self
    {
        return match ($status->code) {
            Code::InvalidArgument => new InvalidRequestException($status, $previous),
            Code::Unauthenticated => new UnauthenticatedException($status, $previous),
            Code::PermissionDenied => new PermissionDeniedException($status, $previous),
            Code::NotFound => new NotFoundException($status, $previous),
            Code::DeadlineExceeded => new DeadlineExceededException($status, $previous),
            Code::Unavailable => new GatewayUnavailableException($status, $previous),
            Code::Cancelled => new CallCancelledException($status, $previous),
            // Among them ResourceExhausted without the quota's reason: a message that is too large for one side.
            default => new self($status, $previous),
        };
    }

    private static function text(ErrorStatus $status): string
    {
        $name = $status->code->canonicalName();
        $text = $status->reason === '' ? "$name: $status->message" : "$name ($status->reason): $status->message";
        foreach ($status->violations as $violation) {
            $text .= "; $violation->field: $violation->description";
        }
        return $status->requestId() === '' ? $text : $text . " [request {$status->requestId()}]";
    }
}
