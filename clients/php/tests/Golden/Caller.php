<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Golden;

use Erpai\Gateway\Client\CallOptions;
use Erpai\Gateway\Client\ChatStream;
use Erpai\Gateway\Client\ClientOptions;
use Erpai\Gateway\Client\Exception\GatewayException;
use Erpai\Gateway\Client\GatewayClient;
use Erpai\Gateway\Client\Method;
use Erpai\Gateway\Client\Tls;
use Erpai\Gateway\Client\TransportKind;
use Erpai\Gateway\V1\ChatRequest;
use Erpai\Gateway\V1\DetectAnomalyRequest;
use Erpai\Gateway\V1\ExtractKeywordsRequest;
use Erpai\Gateway\V1\StreamChatRequest;
use Erpai\Gateway\V1\SubmitFeedbackRequest;
use Google\Protobuf\Internal\Message;

/** Makes the calls of golden cases with the client. */
final class Caller
{
    private const DEADLINE_S = 60;

    /** @param array<string, string> $way what ClientOptions needs: kind, grpcTarget, httpUrl, ca, certificate, key */
    public function __construct(private readonly array $way)
    {
    }

    /** @param array<string, mixed> $step */
    public function call(array $step): Outcome
    {
        $options = self::options($step);
        $outcome = new Outcome($options->requestId);
        try {
            match (true) {
                isset($step['request_base64']) => (new RawCaller($this->way))->call(
                    Method::from($step['call']),
                    (string) base64_decode($step['request_base64'], true),
                    $options->requestId,
                ),
                $step['call'] === 'StreamChat' => $this->events($step, $outcome),
                default => $this->unary($step, $options, $outcome),
            };
        } catch (GatewayException $error) {
            $outcome->failed($error);
        }
        return $outcome;
    }

    /**
     * Reads a stream up to its first delta and leaves it open for as long as it is held.
     *
     * @param array<string, mixed> $step
     */
    public function hold(array $step): ChatStream
    {
        $stream = $this->stream($step);
        foreach ($stream as $event) {
            if ($event->getEvent() === 'delta') {
                break;
            }
        }
        return $stream;
    }

    /** @param array<string, mixed> $step */
    public function stream(array $step, ?string $requestId = null): ChatStream
    {
        $options = self::options($step, $requestId);
        return $this->client($step)->streamChat($this->request($step)->getChat(), $options);
    }

    /** @param array<string, mixed> $step */
    private function unary(array $step, CallOptions $options, Outcome $outcome): void
    {
        $client = $this->client($step);
        $request = $this->request($step);
        $answer = match ($step['call']) {
            'Chat' => $client->chat($request, $options),
            'ExtractKeywords' => $client->extractKeywords($request, $options),
            'DetectAnomaly' => $client->detectAnomaly($request, $options),
            'SubmitFeedback' => $client->submitFeedback($request, $options),
        };
        $outcome->response = json_decode($answer->serializeToJsonString(), true);
    }

    /** @param array<string, mixed> $step */
    private function events(array $step, Outcome $outcome): void
    {
        $stream = $this->stream($step, $outcome->requestId);
        foreach ($stream as $event) {
            $json = json_decode($event->serializeToJsonString(), true);
            $outcome->events[] = $json;
            $outcome->response = $json['completed'] ?? $outcome->response;
            if (count($outcome->events) === ($step['cancel_after'] ?? 0)) {
                $stream->cancel();
            }
        }
    }

    /** @param array<string, mixed> $step */
    private function client(array $step): GatewayClient
    {
        $tls = ($this->way['ca'] ?? '') === ''
            ? null
            : new Tls($this->way['ca'], $this->way['certificate'] ?? '', $this->way['key'] ?? '');
        return new GatewayClient(new ClientOptions(
            grpcTarget: $this->way['grpcTarget'] ?? '',
            httpUrl: $this->way['httpUrl'] ?? '',
            erpVersion: $step['metadata']['x-erp-version'] ?? '',
            tls: $tls,
            transport: constant(TransportKind::class . '::' . $this->way['kind']),
        ));
    }

    /** @param array<string, mixed> $step */
    private function request(array $step): Message
    {
        $request = match ($step['call']) {
            'Chat' => new ChatRequest(),
            'StreamChat' => new StreamChatRequest(),
            'ExtractKeywords' => new ExtractKeywordsRequest(),
            'DetectAnomaly' => new DetectAnomalyRequest(),
            'SubmitFeedback' => new SubmitFeedbackRequest(),
        };
        $request->mergeFromJsonString($step['request']);
        return $request;
    }

    /** @param array<string, mixed> $step */
    private static function options(array $step, ?string $requestId = null): CallOptions
    {
        return new CallOptions(
            (float) ($step['deadline_s'] ?? self::DEADLINE_S),
            $requestId ?? $step['metadata']['x-request-id'] ?? 'golden-' . bin2hex(random_bytes(8)),
        );
    }
}
