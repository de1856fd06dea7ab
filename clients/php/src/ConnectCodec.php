<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client;

use Erpai\Gateway\Client\Exception\ProtocolException;
use Google\Protobuf\Internal\Message;

/** How the Connect protocol writes messages. */
enum ConnectCodec: string
{
    case Binary = 'proto';
    case Json = 'json';

    /** @throws \InvalidArgumentException when a text is not UTF-8 */
    public function encode(Message $message): string
    {
        $bytes = $message->serializeToString();
        Utf8::check($message, $bytes);
        return $this === self::Json ? $message->serializeToJsonString() : $bytes;
    }

    /** @throws ProtocolException */
    public function decode(string $bytes, Message $into): Message
    {
        try {
            if ($this === self::Json) {
                $into->mergeFromJsonString($bytes, true); // fields of a newer gateway are ignored
            } else {
                $into->mergeFromString($bytes);
            }
        } catch (\Exception $error) {
            $status = new ErrorStatus(Code::Internal, 'the response is no such message: ' . $error->getMessage());
            throw new ProtocolException($status, $error);
        }
        return $into;
    }

    public function unaryType(): string
    {
        return "application/$this->value";
    }

    public function streamType(): string
    {
        return "application/connect+$this->value";
    }
}
