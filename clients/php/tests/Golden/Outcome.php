<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Golden;

use Erpai\Gateway\Client\Exception\GatewayException;
use Erpai\Gateway\Client\FieldViolation;

/** How a call ended, in the words of the golden cases. Plain data: it travels from PHP-FPM as JSON. */
final class Outcome
{
    public string $status = 'OK';
    public string $reason = '';
    /** @var array<string, string> */
    public array $metadata = [];
    /** @var list<array{string, string}> field and description */
    public array $violations = [];
    public ?float $retryAfterS = null;
    /** @var ?array<string, mixed> proto JSON */
    public ?array $response = null;
    /** @var list<array<string, mixed>> proto JSON */
    public array $events = [];

    public function __construct(public string $requestId)
    {
    }

    public function failed(GatewayException $error): void
    {
        $this->status = $error->status->canonicalName();
        $this->reason = $error->reason;
        $this->metadata = $error->metadata;
        $this->retryAfterS = $error->retryAfterS;
        $this->violations = array_map(
            static fn (FieldViolation $violation): array => [$violation->field, $violation->description],
            $error->violations,
        );
    }

    /** @param array<string, mixed> $data */
    public static function fromArray(array $data): self
    {
        $outcome = new self($data['requestId']);
        foreach ($data as $name => $value) {
            $outcome->$name = $value;
        }
        return $outcome;
    }
}
