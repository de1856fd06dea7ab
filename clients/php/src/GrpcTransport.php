<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client;

use Erpai\Gateway\Client\Exception\GatewayException;
use Google\Protobuf\Internal\Message;
use Grpc\Call;
use Grpc\Channel;
use Grpc\ChannelCredentials;
use Grpc\Timeval;

/**
 * gRPC through ext-grpc, without the composer package grpc/grpc.
 *
 * The extension keeps the connection in the process: the next request of the same PHP-FPM worker with the same
 * options finds it open. Retries, back-off and waiting for a connection are done by the extension, as the
 * service config says.
 */
final class GrpcTransport implements Transport
{
    private const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;
    /** Twice the largest request that the gateway takes. */
    private const RETRIED_BYTES = 16 * 1024 * 1024;

    private readonly Channel $channel;

    public function __construct(private readonly ClientOptions $options)
    {
        if (!extension_loaded('grpc')) {
            throw new \LogicException('ext-grpc is not loaded: install it, or give httpUrl for HTTP/1.1');
        }
        if ($options->grpcTarget === '') {
            throw new \InvalidArgumentException('gRPC needs grpcTarget, such as "127.0.0.1:50051"');
        }
        self::refuseAfterFork();
        $credentials = ['credentials' => self::credentials($options->tls)];
        $this->channel = new Channel($options->grpcTarget, $credentials + self::settings($options));
    }

    /**
     * gRPC's channel arguments; each that differs from its default says why.
     *
     * @return array<string, string|int>
     */
    public static function settings(ClientOptions $options): array
    {
        return [
            'grpc.service_config' => $options->serviceConfig,
            'grpc.primary_user_agent' => 'erp-gateway-php/' . ClientOptions::VERSION,
            'grpc.max_receive_message_length' => self::MAX_RESPONSE_BYTES,
            // Only a call whose request fits this is retried; 256 KiB by default, less than a long series.
            'grpc.per_rpc_retry_buffer_size' => self::RETRIED_BYTES,
            // gRPC would take http_proxy's to this very machine, too.
            'grpc.enable_http_proxy' => Loopback::target($options->grpcTarget) ? 0 : 1,
            // After an outage the next try to connect comes within a second; by default it may take two minutes.
            'grpc.initial_reconnect_backoff_ms' => 100,
            'grpc.min_reconnect_backoff_ms' => 5000, // longest time for one try to connect
            'grpc.max_reconnect_backoff_ms' => 1000,
            // A connection that a firewall dropped silently is noticed. The server allows a ping every 5 s.
            'grpc.keepalive_time_ms' => 30_000,
            'grpc.keepalive_timeout_ms' => 5_000,
        ];
    }

    public function unary(Method $method, Message $request, #[\SensitiveParameter] array $headers, Deadline $deadline): Message
    {
        $call = $this->call($method, $deadline);
        $event = $call->startBatch(self::sending($request, $headers) + [
            \Grpc\OP_RECV_INITIAL_METADATA => true,
            \Grpc\OP_RECV_MESSAGE => true,
            \Grpc\OP_RECV_STATUS_ON_CLIENT => true,
        ]);
        self::check($event->status);
        return self::parsed($method, (string) $event->message);
    }

    public function serverStream(Method $method, Message $request, #[\SensitiveParameter] array $headers, Deadline $deadline): \Generator
    {
        $call = $this->call($method, $deadline);
        $over = false;
        try {
            $call->startBatch(self::sending($request, $headers));
            $batch = [\Grpc\OP_RECV_INITIAL_METADATA => true, \Grpc\OP_RECV_MESSAGE => true];
            while (($bytes = $call->startBatch($batch)->message) !== null) {
                yield self::parsed($method, $bytes);
                $batch = [\Grpc\OP_RECV_MESSAGE => true];
            }
            $over = true;
            self::check($call->startBatch([\Grpc\OP_RECV_STATUS_ON_CLIENT => true])->status);
        } finally {
            if (!$over) {
                $call->cancel(); // the caller left the loop: the gateway stops the model at once
            }
        }
    }

    public function describe(): string
    {
        return 'grpc ' . $this->options->grpcTarget;
    }

    private function call(Method $method, Deadline $deadline): Call
    {
        self::refuseAfterFork();
        // Timeval counts in microseconds, not in seconds or milliseconds.
        $ends = Timeval::now()->add(new Timeval($deadline->leftUs()));
        return new Call($this->channel, $method->path(), $ends);
    }

    /**
     * @param array<string, string> $headers
     * @return array<int, mixed>
     */
    private static function sending(Message $request, #[\SensitiveParameter] array $headers): array
    {
        $bytes = $request->serializeToString();
        Utf8::check($request, $bytes);
        return [
            \Grpc\OP_SEND_INITIAL_METADATA => array_map(static fn (string $value): array => [$value], $headers),
            \Grpc\OP_SEND_MESSAGE => ['message' => $bytes],
            \Grpc\OP_SEND_CLOSE_FROM_CLIENT => true,
        ];
    }

    private static function check(object $status): void
    {
        if ($status->code === \Grpc\STATUS_OK) {
            return;
        }
        $trailer = static fn (string $name): ?string => $status->metadata[$name][0] ?? null;
        $pushback = $trailer('grpc-retry-pushback-ms');
        throw GatewayException::of(ErrorDetails::status(
            Code::tryFrom($status->code) ?? Code::Unknown,
            (string) $status->details,
            $trailer('grpc-status-details-bin') ?? '',
            $pushback === null ? null : (int) $pushback,
        ));
    }

    private static function parsed(Method $method, string $bytes): Message
    {
        $response = $method->newResponse();
        $response->mergeFromString($bytes);
        return $response;
    }

    private static function credentials(?Tls $tls): ?ChannelCredentials
    {
        if ($tls === null) {
            return ChannelCredentials::createInsecure();
        }
        if ($tls->certificateFile === '') {
            return ChannelCredentials::createSsl($tls->rootsPem());
        }
        return ChannelCredentials::createSsl(
            $tls->rootsPem(),
            (string) file_get_contents($tls->keyFile),
            (string) file_get_contents($tls->certificateFile),
        );
    }

    /** Whether this process can use ext-grpc: it is loaded, and the process is no fork. */
    public static function usable(): bool
    {
        return extension_loaded('grpc') && STARTED_PID === getmypid();
    }

    private static function refuseAfterFork(): void
    {
        if (STARTED_PID !== getmypid()) {
            throw new \LogicException(
                'this process is a fork, in which ext-grpc would hang: start a PHP process of its own '
                . '(proc_open, a queue worker), or use TransportKind::Connect',
            );
        }
    }
}
