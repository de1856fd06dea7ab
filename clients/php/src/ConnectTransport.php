<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client;

use Erpai\Gateway\Client\Exception\GatewayException;
use Erpai\Gateway\Client\Exception\ProtocolException;
use Erpai\Gateway\Client\Exception\TruncatedException;
use Google\Protobuf\Internal\Message;

/**
 * The Connect protocol over HTTP/1.1 through ext-curl, for hosts where no extension can be installed.
 *
 * Retries as gRPC would, by the same service config. The connection is kept for the life of the client: under
 * PHP-FPM each request opens its own.
 */
final class ConnectTransport implements Transport
{
    private readonly RetryPolicy $retry;
    private ?\CurlHandle $handle = null;
    /** Whose the handle is: after a fork, parent and child must not write into one connection. */
    private int $handlePid = 0;

    public function __construct(
        private readonly ClientOptions $options,
        private readonly ConnectCodec $codec = ConnectCodec::Binary,
    ) {
        if (!extension_loaded('curl')) {
            throw new \LogicException('ext-curl is not loaded: install it (Debian: apt-get install php-curl)');
        }
        if ($options->httpUrl === '') {
            throw new \InvalidArgumentException('HTTP needs httpUrl, such as "http://127.0.0.1:50080"');
        }
        $this->retry = RetryPolicy::fromServiceConfig($options->serviceConfig);
    }

    public function unary(Method $method, Message $request, #[\SensitiveParameter] array $headers, Deadline $deadline): Message
    {
        $body = $this->codec->encode($request);
        $headers['content-type'] = $this->codec->unaryType();
        $try = function () use ($method, $body, $headers, $deadline): CurlExchange {
            $exchange = $this->exchange($this->keptHandle(), $method, $body, $headers, $deadline);
            try {
                curl_exec($exchange->handle);
                $exchange->check(curl_errno($exchange->handle));
            } finally {
                $exchange->release(); // else a dropped client's connection stays open until PHP looks for cycles
            }
            $this->checkReply($exchange, $headers['content-type']);
            return $exchange;
        };
        return $this->codec->decode($this->retrying($deadline, $try)->body, $method->newResponse());
    }

    public function serverStream(Method $method, Message $request, #[\SensitiveParameter] array $headers, Deadline $deadline): \Generator
    {
        $body = ConnectEnvelopes::wrap($this->codec->encode($request));
        $headers['content-type'] = $this->codec->streamType();
        // Until the first message has come nothing was shown yet, so that a retry is safe.
        $begin = function () use ($method, $body, $headers, $deadline): ConnectStream {
            $exchange = $this->exchange($this->newHandle(), $method, $body, $headers, $deadline);
            $stream = new ConnectStream($exchange, fn () => $this->checkReply($exchange, $headers['content-type']));
            $stream->advance();
            return $stream;
        };
        $stream = $this->retrying($deadline, $begin);
        try {
            for (; $stream->payload !== null; $stream->advance()) {
                yield $this->codec->decode($stream->payload, $method->newResponse());
            }
        } finally {
            $stream->close();
        }
    }

    public function describe(): string
    {
        return "connect+{$this->codec->value} {$this->options->httpUrl}";
    }

    /**
     * @template T
     * @param callable(): T $try
     * @return T
     */
    private function retrying(Deadline $deadline, callable $try): mixed
    {
        for ($attempt = 1, $refused = 1;;) {
            try {
                return $try();
            } catch (NotConnected $error) {
                $failure = GatewayException::of(new ErrorStatus(Code::Unavailable, $error->getMessage()), $error);
                $pauseS = $this->retry->connectPauseS($refused++, self::random());
            } catch (TruncatedException $error) {
                throw $error;
            } catch (GatewayException $error) {
                $failure = $error;
                $pauseS = $this->retry->awaits($error->errorStatus)
                    ? $error->retryAfterS ?? $this->retry->connectPauseS($refused++, self::random())
                    : $this->retry->pauseS($attempt++, $error->errorStatus, self::random());
            }
            $this->pause($pauseS, $deadline, $failure);
        }
    }

    private function pause(?float $pauseS, Deadline $deadline, GatewayException $failure): void
    {
        if ($pauseS === null) {
            throw $failure;
        }
        $leftS = $deadline->leftS();
        usleep((int) (min($pauseS, $leftS) * 1e6));
        if ($pauseS >= $leftS) {
            $text = 'the time is over; last: ' . $failure->getMessage();
            throw GatewayException::of(new ErrorStatus(Code::DeadlineExceeded, $text), $failure);
        }
    }

    /** @param array<string, string> $headers */
    private function exchange(
        \CurlHandle $handle,
        Method $method,
        string $body,
        #[\SensitiveParameter] array $headers,
        Deadline $deadline,
    ): CurlExchange {
        $headers += [
            'connect-protocol-version' => '1',
            'connect-timeout-ms' => (string) $deadline->leftMs(),
            'user-agent' => 'erp-gateway-php/' . ClientOptions::VERSION,
        ];
        $url = rtrim($this->options->httpUrl, '/') . $method->path();
        return new CurlExchange($handle, $url, $body, $headers, $deadline);
    }

    private function checkReply(CurlExchange $exchange, string $wanted): void
    {
        if ($exchange->status !== 200) {
            $status = ConnectErrors::ofResponse($exchange->status, $exchange->headers, $exchange->body);
            throw GatewayException::of($status);
        }
        $type = strtolower(trim(explode(';', $exchange->headers['content-type'] ?? '')[0]));
        if ($type !== $wanted) {
            throw new ProtocolException(new ErrorStatus(Code::Unknown, "a reply of type '$type' instead of '$wanted'"));
        }
    }

    private function keptHandle(): \CurlHandle
    {
        if ($this->handle === null || $this->handlePid !== getmypid()) {
            $this->handle = $this->newHandle();
            $this->handlePid = (int) getmypid();
        }
        return $this->handle;
    }

    private function newHandle(): \CurlHandle
    {
        $handle = curl_init();
        if (Loopback::url($this->options->httpUrl)) {
            curl_setopt($handle, CURLOPT_PROXY, ''); // libcurl would take http_proxy's, and show it the key
        }
        $tls = $this->options->tls;
        if ($tls !== null && $tls->caFile !== '') {
            curl_setopt($handle, CURLOPT_CAINFO, $tls->caFile);
        }
        if ($tls !== null && $tls->certificateFile !== '') {
            curl_setopt_array($handle, [CURLOPT_SSLCERT => $tls->certificateFile, CURLOPT_SSLKEY => $tls->keyFile]);
        }
        return $handle;
    }

    private static function random(): float
    {
        return mt_rand() / mt_getrandmax();
    }
}
