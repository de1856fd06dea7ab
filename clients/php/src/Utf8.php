<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client;

use Google\Protobuf\DescriptorPool;
use Google\Protobuf\FieldDescriptor;
use Google\Protobuf\Internal\GPBLabel;
use Google\Protobuf\Internal\GPBType;
use Google\Protobuf\Internal\Message;

/**
 * Keeps text that is not UTF-8 from being sent.
 *
 * Messages in PHP refuse it in their setters. ext-protobuf (tried: 3.21) takes any bytes and writes them, and
 * complains only when it reads: the gateway would refuse such a request without being able to name the field.
 *
 * @internal
 */
final class Utf8
{
    /**
     * @param string $bytes the message as it would be sent, in the binary format
     * @throws \InvalidArgumentException naming the field
     */
    public static function check(Message $message, string $bytes): void
    {
        if (!extension_loaded('protobuf')) {
            return;
        }
        $class = get_class($message);
        try {
            (new $class())->mergeFromString($bytes); // microseconds in C, far less than a walk in PHP
        } catch (\Exception $error) {
            $field = self::firstBroken($message) ?? 'a text';
            throw new \InvalidArgumentException(
                "$field is not UTF-8: convert it first, for instance by mb_convert_encoding(\$text, 'UTF-8', 'GBK')",
                0,
                $error,
            );
        }
    }

    /** Path of the first text that is not UTF-8, such as "messages[1].text". */
    private static function firstBroken(Message $message): ?string
    {
        $descriptor = DescriptorPool::getGeneratedPool()->getDescriptorByClassName(get_class($message));
        for ($place = 0; $place < $descriptor->getFieldCount(); $place++) {
            $field = $descriptor->getField($place);
            foreach (self::values($message, $field) as $path => $value) {
                $below = $value instanceof Message ? self::firstBroken($value) : null;
                if ($below !== null) {
                    return "$path.$below";
                }
                if (is_string($value) && preg_match('//u', $value) !== 1) {
                    return $path;
                }
            }
        }
        return null;
    }

    /** @return \Generator<string, mixed> a field's values by path; a map's keys too */
    private static function values(Message $message, FieldDescriptor $field): \Generator
    {
        $name = $field->getName();
        $value = $message->{'get' . str_replace('_', '', ucwords($name, '_'))}();
        if ($field->isMap()) {
            foreach ($value as $key => $entry) {
                yield "$name (a key)" => (string) $key;
                yield "{$name}[$key]" => $entry;
            }
        } elseif ($field->getLabel() === GPBLabel::REPEATED) {
            foreach ($value as $place => $entry) {
                yield "{$name}[$place]" => $entry;
            }
        } elseif ($value !== null && $field->getType() !== GPBType::BYTES) {
            yield $name => $value;
        }
    }
}
