<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client;

use Erpai\Gateway\Client\Exception\GatewayException;
use Erpai\Gateway\Client\Exception\TruncatedException;
use Erpai\Gateway\V1\ChatResponse;
use Erpai\Gateway\V1\StreamChatResponse;

/**
 * A chat answer while it is being written. To be read once:
 *
 *     foreach ($stream as $event) {
 *         match ($event->getEvent()) {
 *             'delta' => print $event->getDelta()->getText(),
 *             'restarted' => ...,  // throw away the text shown so far
 *             default => null,
 *         };
 *     }
 *     $answer = $stream->answer();  // authoritative
 *
 * @implements \IteratorAggregate<int, StreamChatResponse>
 */
final class ChatStream implements \IteratorAggregate
{
    private ?ChatResponse $answer = null;
    /** @var ?\Generator<int, StreamChatResponse> */
    private ?\Generator $events;

    /** @param \Generator<int, StreamChatResponse> $events */
    public function __construct(\Generator $events)
    {
        $this->events = $events;
    }

    /**
     * The events, until the stream has ended with `completed`. The call is made when the first is asked for.
     *
     * @return \Generator<int, StreamChatResponse>
     * @throws GatewayException also in the middle
     */
    public function getIterator(): \Generator
    {
        // The generator in hand, not the property, would keep the call alive after cancel().
        while ($this->events?->valid()) {
            $event = $this->events->current();
            if ($event->getEvent() === 'completed') {
                $this->answer = $event->getCompleted();
            }
            yield $event;
            $this->events?->next();
        }
        if ($this->events !== null && $this->answer === null) {
            throw new TruncatedException(new ErrorStatus(Code::Unavailable, 'the stream ended without its answer'));
        }
    }

    /**
     * The whole answer. Reads what is left of the stream.
     *
     * @throws GatewayException
     */
    public function answer(): ChatResponse
    {
        foreach ($this as $_) {
            continue;
        }
        return $this->answer ?? throw new \LogicException('the stream was cancelled before its answer had come');
    }

    /** Hangs up: the gateway stops the model at once. Leaving the loop and dropping the stream does the same. */
    public function cancel(): void
    {
        $this->events = null;
    }
}
