<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Golden;

use Erpai\Gateway\Client\Tests\Support\Paths;

/** The files of tests/golden/cases. */
final class Cases
{
    /** @return list<string> */
    public static function files(): array
    {
        return glob(Paths::repository() . '/tests/golden/cases/*.json');
    }

    /**
     * A case as arrays, but each step's `request` as its JSON text: PHP's arrays cannot tell {} from [],
     * and an empty message is {}.
     *
     * @return array<string, mixed>
     */
    public static function read(string $file): array
    {
        $text = (string) file_get_contents($file);
        $case = json_decode($text, true, 512, JSON_THROW_ON_ERROR);
        foreach (json_decode($text)->steps as $number => $step) {
            if (isset($step->request)) {
                $case['steps'][$number]['request'] = json_encode($step->request, JSON_PRESERVE_ZERO_FRACTION);
            }
        }
        return $case;
    }
}
