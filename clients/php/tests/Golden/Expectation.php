<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Golden;

/** What a golden case expects of one call: tests/golden/README.md, "Expectations of a call". */
final class Expectation
{
    /**
     * @param array<string, mixed> $expect
     * @param bool $whole the call was not cut off on purpose
     */
    public function __construct(private readonly array $expect, private readonly bool $whole)
    {
    }

    /** @return list<string> what does not hold */
    public function wrong(Outcome $outcome): array
    {
        $wanted = (array) ($this->expect['status'] ?? 'OK');
        if (!in_array($outcome->status, $wanted, true)) {
            return ["status is $outcome->status $outcome->reason, not " . implode(' or ', $wanted)];
        }
        return [
            ...$this->wrongError($outcome),
            ...self::unmatched($outcome->response, $this->expect['response'] ?? []),
            ...$this->wrongEvents($outcome),
        ];
    }

    /** @return list<string> */
    private function wrongError(Outcome $outcome): array
    {
        $told = [];
        if (isset($this->expect['reason'])) {
            $told[] = $outcome->reason === $this->expect['reason'] ? '' : "reason is '$outcome->reason'";
            $told[] = ($outcome->metadata['request_id'] ?? '') === $outcome->requestId ? '' : 'ErrorInfo names another request';
        }
        foreach ($this->expect['metadata'] ?? [] as $key => $matcher) {
            $told[] = Matcher::matches($outcome->metadata[$key] ?? null, $matcher) ? '' : "metadata $key does not match";
        }
        if (isset($this->expect['violations'])) {
            $fields = array_column($outcome->violations, 0);
            $told[] = $fields === $this->expect['violations'] ? '' : 'violations are ' . implode(', ', $fields);
        }
        foreach ($this->expect['violation_texts'] ?? [] as $place => $matcher) {
            $text = $outcome->violations[$place][1] ?? null;
            $told[] = Matcher::matches($text, $matcher) ? '' : "violation text '$text' does not match";
        }
        if ($this->expect['retry_info'] ?? false) {
            $told[] = $outcome->retryAfterS > 0 ? '' : 'there is no RetryInfo';
        }
        if ($outcome->response !== null && Matcher::at($outcome->response, 'info.requestId') !== $outcome->requestId) {
            $told[] = array_key_exists('info', $outcome->response) ? 'info names another request' : 'no info';
        }
        return array_values(array_filter($told));
    }

    /** @return list<string> */
    private function wrongEvents(Outcome $outcome): array
    {
        $told = [];
        if ($outcome->events !== [] && $outcome->status === 'OK' && $this->whole) {
            $completed = Matcher::at($outcome->events[array_key_last($outcome->events)], 'completed.text');
            $told[] = $completed === self::shown($outcome->events) ? '' : 'the deltas and `completed` differ';
        }
        if (!isset($this->expect['events'])) {
            return array_values(array_filter($told));
        }
        $found = self::kinds($outcome->events);
        $wanted = array_map(static fn (mixed $item): array => (array) (is_string($item) ? [$item => []] : $item), $this->expect['events']);
        $names = static fn (array $kinds): string => implode(', ', array_map(key(...), $kinds));
        if ($names($found) !== $names($wanted)) {
            return [...array_filter($told), "events are {$names($found)}, not {$names($wanted)}"];
        }
        foreach ($wanted as $place => $item) {
            $told = [...$told, ...self::unmatched(current($found[$place]), current($item))];
        }
        return array_values(array_filter($told));
    }

    /**
     * @param ?array<string, mixed> $value
     * @param array<string, mixed> $expected
     * @return list<string>
     */
    private static function unmatched(?array $value, array $expected): array
    {
        $told = [];
        foreach ($expected as $path => $matcher) {
            $found = Matcher::at($value, $path);
            if (!Matcher::matches($found, $matcher)) {
                $told[] = "$path is " . json_encode($found) . ', which does not match ' . json_encode($matcher);
            }
        }
        return $told;
    }

    /**
     * Neighbouring deltas as one.
     *
     * @param list<array<string, mixed>> $events
     * @return list<array<string, mixed>>
     */
    private static function kinds(array $events): array
    {
        $found = [];
        foreach ($events as $event) {
            if (key($event) !== 'delta' || $found === [] || key(end($found)) !== 'delta') {
                $found[] = $event;
            }
        }
        return $found;
    }

    /** @param list<array<string, mixed>> $events */
    private static function shown(array $events): string
    {
        $text = '';
        foreach ($events as $event) {
            $text = isset($event['restarted']) ? '' : $text . ($event['delta']['text'] ?? '');
        }
        return trim($text);
    }
}
