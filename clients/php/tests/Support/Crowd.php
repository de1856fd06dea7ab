<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Support;

/** Several callers of a web page at once. */
final class Crowd
{
    private const TIMEOUT_S = 180;

    /**
     * @param list<string> $urls asked in order
     * @param callable(int): void $after told how many replies there are so far
     * @return list<array{int, string}> status and body of each reply, in the order of their coming
     */
    public static function ask(array $urls, int $atOnce, callable $after): array
    {
        $multi = curl_multi_init();
        $replies = [];
        $add = static function () use (&$urls, $multi): void {
            $handle = curl_init(array_shift($urls));
            curl_setopt_array($handle, [CURLOPT_RETURNTRANSFER => true, CURLOPT_TIMEOUT => self::TIMEOUT_S]);
            curl_multi_add_handle($multi, $handle);
        };
        for ($caller = 0; $caller < $atOnce && $urls !== []; $caller++) {
            $add();
        }
        do {
            curl_multi_exec($multi, $running);
            while (($done = curl_multi_info_read($multi)) !== false) {
                $handle = $done['handle'];
                $replies[] = [curl_getinfo($handle, CURLINFO_RESPONSE_CODE), (string) curl_multi_getcontent($handle)];
                curl_multi_remove_handle($multi, $handle);
                $after(count($replies));
                if ($urls !== []) {
                    $add();
                    $running = 1;
                }
            }
            curl_multi_select($multi, 0.1);
        } while ($running > 0);
        return $replies;
    }
}
