<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client;

use Erpai\Gateway\Client\Exception\GatewayException;
use Erpai\Gateway\Client\Exception\ProtocolException;
use Erpai\Gateway\Client\Exception\TruncatedException;

/**
 * A stream that is being read: pulls envelope after envelope out of a libcurl multi handle.
 *
 * @internal
 */
final class ConnectStream
{
    private const WAIT_S = 0.5;

    /** The message that came last; null after the end. */
    public ?string $payload = null;

    private ?\CurlMultiHandle $multi;
    private bool $begun = false;
    /** libcurl's result once the exchange is over. */
    private ?int $result = null;
    private int $received = 0;

    /** @param \Closure(): void $checkReply throws when the reply's head is no stream's */
    public function __construct(
        private readonly CurlExchange $exchange,
        private readonly \Closure $checkReply,
    ) {
        $this->multi = curl_multi_init();
        curl_multi_add_handle($this->multi, $exchange->handle);
    }

    public function __destruct()
    {
        $this->close();
    }

    /** Waits for the next message and puts it into `payload`; null when the stream has ended well. */
    public function advance(): void
    {
        $this->payload = null;
        // What has come whole is given out before a failure: the end itself may be there already.
        while (($envelope = $this->envelope()) === null) {
            if ($this->result !== null) {
                $this->fail($this->result);
            }
            $this->read();
        }
        [$flags, $payload] = $envelope;
        if ($flags & ConnectEnvelopes::END) {
            $this->finish($payload);
        } else {
            $this->received++;
            $this->payload = $payload;
        }
    }

    /** Drops the connection unless the stream has ended: to the gateway this is the caller hanging up. */
    public function close(): void
    {
        if ($this->multi !== null) {
            curl_multi_remove_handle($this->multi, $this->exchange->handle);
            curl_multi_close($this->multi);
            $this->multi = null;
            $this->exchange->release();
        }
    }

    /** @return ?array{int, string} */
    private function envelope(): ?array
    {
        if (!$this->begun && ($this->exchange->body !== '' || $this->result !== null)) {
            if ($this->exchange->status !== 200 && $this->result === null) {
                return null; // the whole body tells what failed
            }
            if ($this->exchange->status !== 0) {
                ($this->checkReply)();
            }
            $this->begun = true;
        }
        return ConnectEnvelopes::next($this->exchange->body);
    }

    private function read(): void
    {
        $multi = $this->multi ?? throw new \LogicException('the stream is closed');
        $had = strlen($this->exchange->body);
        do {
            curl_multi_exec($multi, $running);
            $nothing = $running > 0 && strlen($this->exchange->body) === $had;
            if ($nothing) {
                curl_multi_select($multi, self::WAIT_S);
            }
        } while ($nothing);
        $info = curl_multi_info_read($multi);
        if ($info !== false) {
            $this->result = $info['result'];
        }
    }

    /** The exchange is over, and there was no end of stream. */
    private function fail(int $result): never
    {
        try {
            $this->exchange->check($result);
            $status = new ErrorStatus(Code::Unavailable, 'the stream ended without its end');
        } catch (GatewayException $error) {
            $status = $error->errorStatus;
        }
        throw $this->received > 0 && $status->code === Code::Unavailable
            ? new TruncatedException($status)
            : GatewayException::of($status);
    }

    private function finish(string $json): void
    {
        $end = json_decode($json, true);
        if (!is_array($end)) {
            throw new ProtocolException(new ErrorStatus(Code::Internal, 'the end of the stream is no JSON object'));
        }
        if (is_array($end['error'] ?? null)) {
            $trailers = is_array($end['metadata'] ?? null) ? $end['metadata'] : [];
            $first = array_map(static fn (mixed $values): string => (string) ((array) $values)[0], array_filter($trailers));
            $pushback = ConnectErrors::pushback(array_change_key_case($first));
            throw GatewayException::of(ConnectErrors::ofJson($end['error'], 0, $pushback));
        }
    }
}
