<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Golden;

use Erpai\Gateway\Client\ConnectCodec;
use Erpai\Gateway\Client\ConnectEnvelopes;
use Erpai\Gateway\Client\ConnectErrors;
use Erpai\Gateway\Client\CurlExchange;
use Erpai\Gateway\Client\Code;
use Erpai\Gateway\Client\Deadline;
use Erpai\Gateway\Client\ErrorDetails;
use Erpai\Gateway\Client\ErrorStatus;
use Erpai\Gateway\Client\Exception\GatewayException;
use Erpai\Gateway\Client\Method;
use Grpc\Call;
use Grpc\Channel;
use Grpc\ChannelCredentials;
use Grpc\Timeval;

/** Sends bytes that the client itself would never send: they are no message. */
final class RawCaller
{
    private const DEADLINE_S = 60;

    /** @param array<string, string> $way as Caller takes it */
    public function __construct(private readonly array $way)
    {
    }

    /** @throws GatewayException with what the gateway says to them */
    public function call(Method $method, string $bytes, string $requestId): never
    {
        throw GatewayException::of(match ($this->way['kind']) {
            'Grpc' => $this->overGrpc($method, $bytes, $requestId),
            'Connect' => $this->overHttp($method, $bytes, ConnectCodec::Binary, $requestId),
            'ConnectJson' => $this->overHttp($method, $bytes, ConnectCodec::Json, $requestId),
        });
    }

    private function overGrpc(Method $method, string $bytes, string $requestId): ErrorStatus
    {
        $channel = new Channel($this->way['grpcTarget'], ['credentials' => ChannelCredentials::createInsecure()]);
        $call = new Call($channel, $method->path(), Timeval::now()->add(new Timeval(self::DEADLINE_S * 1_000_000)));
        $status = $call->startBatch([
            \Grpc\OP_SEND_INITIAL_METADATA => ['x-request-id' => [$requestId]],
            \Grpc\OP_SEND_MESSAGE => ['message' => $bytes],
            \Grpc\OP_SEND_CLOSE_FROM_CLIENT => true,
            \Grpc\OP_RECV_INITIAL_METADATA => true,
            \Grpc\OP_RECV_MESSAGE => true,
            \Grpc\OP_RECV_STATUS_ON_CLIENT => true,
        ])->status;
        $details = $status->metadata['grpc-status-details-bin'][0] ?? '';
        return ErrorDetails::status(Code::from($status->code), $status->details, $details, null);
    }

    private function overHttp(Method $method, string $bytes, ConnectCodec $codec, string $requestId): ErrorStatus
    {
        $stream = $method === Method::StreamChat;
        $exchange = new CurlExchange(
            curl_init(),
            $this->way['httpUrl'] . $method->path(),
            $stream ? ConnectEnvelopes::wrap($bytes) : $bytes,
            ['content-type' => $stream ? $codec->streamType() : $codec->unaryType(), 'x-request-id' => $requestId],
            Deadline::in(self::DEADLINE_S),
        );
        curl_exec($exchange->handle);
        $exchange->check(curl_errno($exchange->handle));
        if ($exchange->status !== 200) {
            return ConnectErrors::ofResponse($exchange->status, $exchange->headers, $exchange->body);
        }
        [, $end] = ConnectEnvelopes::next($exchange->body);
        return ConnectErrors::ofJson(json_decode($end, true)['error']);
    }
}
