<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client;

use Erpai\Gateway\V1\ChatResponse;
use Erpai\Gateway\V1\DetectAnomalyResponse;
use Erpai\Gateway\V1\ExtractKeywordsResponse;
use Erpai\Gateway\V1\StreamChatResponse;
use Erpai\Gateway\V1\SubmitFeedbackResponse;
use Google\Protobuf\Internal\Message;

/** The calls of `gateway.v1.GatewayService`. */
enum Method: string
{
    case Chat = 'Chat';
    case StreamChat = 'StreamChat';
    case ExtractKeywords = 'ExtractKeywords';
    case DetectAnomaly = 'DetectAnomaly';
    case SubmitFeedback = 'SubmitFeedback';

    /** Path of the call, the same in gRPC and in the Connect protocol. */
    public function path(): string
    {
        return '/gateway.v1.GatewayService/' . $this->value;
    }

    /** An empty message of the kind that the call answers with. */
    public function newResponse(): Message
    {
        return match ($this) {
            self::Chat => new ChatResponse(),
            self::StreamChat => new StreamChatResponse(),
            self::ExtractKeywords => new ExtractKeywordsResponse(),
            self::DetectAnomaly => new DetectAnomalyResponse(),
            self::SubmitFeedback => new SubmitFeedbackResponse(),
        };
    }
}
