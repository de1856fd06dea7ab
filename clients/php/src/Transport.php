<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client;

use Erpai\Gateway\Client\Exception\GatewayException;
use Google\Protobuf\Internal\Message;

/** Carries calls to the gateway. */
interface Transport
{
    /**
     * One request, one response.
     *
     * @param array<string, string> $headers in lower case
     * @throws GatewayException
     */
    public function unary(Method $method, Message $request, array $headers, Deadline $deadline): Message;

    /**
     * One request, many responses. Dropping the generator before its end cancels the call at once.
     *
     * @param array<string, string> $headers in lower case
     * @return \Generator<int, Message>
     * @throws GatewayException also in the middle; a stream that ends without a status is an error
     */
    public function serverStream(Method $method, Message $request, array $headers, Deadline $deadline): \Generator;

    /** For logs: which way the calls go, such as "grpc 127.0.0.1:50051". */
    public function describe(): string;
}
