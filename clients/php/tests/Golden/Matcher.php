<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Golden;

/** The paths and matchers of tests/golden/README.md. */
final class Matcher
{
    /** What stands at a path; null where nothing does. */
    public static function at(mixed $value, string $path): mixed
    {
        foreach (explode('.', $path) as $step) {
            $value = is_array($value) ? ($value[$step] ?? null) : null;
        }
        return $value;
    }

    public static function matches(mixed $value, mixed $matcher): bool
    {
        if (!is_array($matcher) || array_is_list($matcher)) {
            return self::equal($value, $matcher);
        }
        foreach ($matcher as $name => $wanted) {
            if (!self::holds($value, $name, $wanted)) {
                return false;
            }
        }
        return true;
    }

    private static function holds(mixed $value, string $name, mixed $wanted): bool
    {
        return match ($name) {
            'size' => self::size($value) === $wanted,
            'min_size' => self::size($value) >= $wanted,
            'min' => self::number($value) >= $wanted,
            'max' => self::number($value) <= $wanted,
            'contains' => is_array($value) ? in_array($wanted, $value, true) : str_contains((string) $value, $wanted),
            'one_of' => array_filter($wanted, static fn (mixed $one): bool => self::equal($value, $one)) !== [],
            'not' => !self::equal($value, $wanted),
        };
    }

    private static function equal(mixed $value, mixed $wanted): bool
    {
        if (self::isZero($value) || self::isZero($wanted)) {
            return self::isZero($value) && self::isZero($wanted);
        }
        if ((is_int($value) || is_float($value)) && (is_int($wanted) || is_float($wanted))) {
            return (float) $value === (float) $wanted;
        }
        return $value === $wanted;
    }

    /** What is absent counts as zero. */
    private static function isZero(mixed $value): bool
    {
        return in_array($value, [null, 0, 0.0, '', false, '0'], true);
    }

    private static function size(mixed $value): int
    {
        return is_array($value) ? count($value) : 0;
    }

    /** Of a number, or of the number in a text such as "0.1s". */
    private static function number(mixed $value): float
    {
        return is_string($value) ? (float) rtrim($value, 's') : (float) ($value ?? 0);
    }
}
