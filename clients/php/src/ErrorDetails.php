<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client;

use Erpai\Gateway\Client\Wire\BadRequest;
use Erpai\Gateway\Client\Wire\ErrorInfo;
use Erpai\Gateway\Client\Wire\QuotaFailure;
use Erpai\Gateway\Client\Wire\RetryInfo;
use Erpai\Gateway\Client\Wire\Status;
use Google\Protobuf\Internal\Message;

/** Reads google.rpc error details. Unknown and broken ones are left out: an error must never hide an error. */
final class ErrorDetails
{
    private string $reason = '';
    /** @var array<string, string> */
    private array $metadata = [];
    /** @var list<FieldViolation> */
    private array $violations = [];
    private ?float $retryAfterS = null;

    /** From gRPC's trailer `grpc-status-details-bin`. */
    public static function status(Code $code, string $message, string $detailsBin, ?int $pushbackMs): ErrorStatus
    {
        $status = new Status();
        $found = new self();
        if ($detailsBin !== '' && self::read($status, $detailsBin)) {
            foreach ($status->getDetails() as $any) {
                $found->add(self::shortType($any->getTypeUrl()), $any->getValue());
            }
        }
        return $found->build($code, $message, $pushbackMs);
    }

    /** Takes in one detail. `$type` is its full name, such as "google.rpc.ErrorInfo". */
    public function add(string $type, string $bytes): void
    {
        match ($type) {
            'google.rpc.ErrorInfo' => $this->addInfo($bytes),
            'google.rpc.RetryInfo' => $this->addRetry($bytes),
            'google.rpc.BadRequest' => $this->addBadRequest($bytes),
            'google.rpc.QuotaFailure' => $this->addQuota($bytes),
            default => null,
        };
    }

    public function build(Code $code, string $message, ?int $pushbackMs = null): ErrorStatus
    {
        return new ErrorStatus(
            $code,
            $message,
            $this->reason,
            $this->metadata,
            $this->violations,
            $this->retryAfterS,
            $pushbackMs,
        );
    }

    /** "type.googleapis.com/google.rpc.ErrorInfo" -> "google.rpc.ErrorInfo" */
    private static function shortType(string $url): string
    {
        $slash = strrpos($url, '/');
        return $slash === false ? $url : substr($url, $slash + 1);
    }

    private function addInfo(string $bytes): void
    {
        $info = new ErrorInfo();
        if (self::read($info, $bytes)) {
            $this->reason = $info->getReason();
            foreach ($info->getMetadata() as $key => $value) {
                $this->metadata[(string) $key] = $value;
            }
        }
    }

    private function addRetry(string $bytes): void
    {
        $info = new RetryInfo();
        $delay = self::read($info, $bytes) ? $info->getRetryDelay() : null;
        if ($delay !== null) {
            $this->retryAfterS = (int) $delay->getSeconds() + $delay->getNanos() / 1e9;
        }
    }

    private function addBadRequest(string $bytes): void
    {
        $detail = new BadRequest();
        if (self::read($detail, $bytes)) {
            foreach ($detail->getFieldViolations() as $violation) {
                $this->violations[] = new FieldViolation($violation->getField(), $violation->getDescription());
            }
        }
    }

    private function addQuota(string $bytes): void
    {
        $detail = new QuotaFailure();
        if (self::read($detail, $bytes)) {
            foreach ($detail->getViolations() as $violation) {
                $this->violations[] = new FieldViolation($violation->getSubject(), $violation->getDescription());
            }
        }
    }

    private static function read(Message $message, string $bytes): bool
    {
        try {
            $message->mergeFromString($bytes);
            return true;
        } catch (\Exception) {
            return false;
        }
    }
}
