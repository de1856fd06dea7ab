<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client;

use Erpai\Gateway\Client\Exception\GatewayException;
use Erpai\Gateway\V1\ChatRequest;
use Erpai\Gateway\V1\ChatResponse;
use Erpai\Gateway\V1\DetectAnomalyRequest;
use Erpai\Gateway\V1\DetectAnomalyResponse;
use Erpai\Gateway\V1\ExtractKeywordsRequest;
use Erpai\Gateway\V1\ExtractKeywordsResponse;
use Erpai\Gateway\V1\StreamChatRequest;
use Erpai\Gateway\V1\SubmitFeedbackRequest;
use Erpai\Gateway\V1\SubmitFeedbackResponse;
use Google\Protobuf\Internal\Message;

/**
 * The calls of the ERP AI Gateway. Cheap to make; keep one per process where you can.
 *
 *     $client = new GatewayClient(new ClientOptions(grpcTarget: '127.0.0.1:50051', apiKey: $key));
 *     $answer = $client->chat((new ChatRequest())->setMessages([...]));
 */
final class GatewayClient
{
    private readonly Transport $transport;

    /** @param ?Transport $transport null: as `$options->transport` says */
    public function __construct(private readonly ClientOptions $options, ?Transport $transport = null)
    {
        $this->transport = $transport ?? self::choose($options);
    }

    /**
     * Answers a customer's question.
     *
     * @throws GatewayException
     */
    public function chat(ChatRequest $request, ?CallOptions $call = null): ChatResponse
    {
        /** @var ChatResponse */
        return $this->unary(Method::Chat, $request, $call);
    }

    /** Answers a customer's question while it is being written. Failures are thrown by the stream. */
    public function streamChat(ChatRequest $request, ?CallOptions $call = null): ChatStream
    {
        $call ??= new CallOptions();
        $wrapped = (new StreamChatRequest())->setChat($request);
        return new ChatStream($this->transport->serverStream(
            Method::StreamChat,
            $wrapped,
            Headers::of($this->options, $call),
            $this->deadline($call),
        ));
    }

    /**
     * Finds the best search keywords of a product listing.
     *
     * @throws GatewayException
     */
    public function extractKeywords(ExtractKeywordsRequest $request, ?CallOptions $call = null): ExtractKeywordsResponse
    {
        /** @var ExtractKeywordsResponse */
        return $this->unary(Method::ExtractKeywords, $request, $call);
    }

    /**
     * Finds the unusual points of a series.
     *
     * @throws GatewayException
     */
    public function detectAnomaly(DetectAnomalyRequest $request, ?CallOptions $call = null): DetectAnomalyResponse
    {
        /** @var DetectAnomalyResponse */
        return $this->unary(Method::DetectAnomaly, $request, $call);
    }

    /**
     * Tells what people thought of an answer.
     *
     * @throws GatewayException
     */
    public function submitFeedback(SubmitFeedbackRequest $request, ?CallOptions $call = null): SubmitFeedbackResponse
    {
        /** @var SubmitFeedbackResponse */
        return $this->unary(Method::SubmitFeedback, $request, $call);
    }

    /** For logs: which way the calls go, such as "grpc 127.0.0.1:50051". */
    public function describe(): string
    {
        return $this->transport->describe();
    }

    private function unary(Method $method, Message $request, ?CallOptions $call): Message
    {
        $call ??= new CallOptions();
        return $this->transport->unary($method, $request, Headers::of($this->options, $call), $this->deadline($call));
    }

    private function deadline(CallOptions $call): Deadline
    {
        return Deadline::in($call->deadlineS ?? $this->options->deadlineS);
    }

    private static function choose(ClientOptions $options): Transport
    {
        return match ($options->transport) {
            TransportKind::Grpc => new GrpcTransport($options),
            TransportKind::Connect => new ConnectTransport($options),
            TransportKind::ConnectJson => new ConnectTransport($options, ConnectCodec::Json),
            TransportKind::Auto => self::best($options),
        };
    }

    private static function best(ClientOptions $options): Transport
    {
        if ($options->grpcTarget !== '' && GrpcTransport::usable()) {
            return new GrpcTransport($options);
        }
        if ($options->httpUrl !== '') {
            return new ConnectTransport($options);
        }
        throw new \LogicException($options->grpcTarget === ''
            ? 'give grpcTarget, httpUrl or both: where is the gateway?'
            : 'ext-grpc is not loaded, or this process is a fork; and no httpUrl is given to go without it');
    }
}
