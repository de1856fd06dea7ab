<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client;

/**
 * Tells addresses of this very machine, to which no proxy of the environment may lead.
 *
 * @internal
 */
final class Loopback
{
    /** @param string $url such as "http://127.0.0.1:50080" */
    public static function url(string $url): bool
    {
        return self::host((string) parse_url($url, PHP_URL_HOST));
    }

    /** @param string $target as gRPC writes them: "localhost:50051", "dns:///…", "ipv4:…,…", "ipv6:…" */
    public static function target(string $target): bool
    {
        $addresses = explode(',', (string) preg_replace('~^(?:dns:(?://[^/]*/)?|ipv[46]:(?://[^/]*/)?)~', '', $target));
        foreach ($addresses as $address) {
            // A port ends it, unless the address is a bare IPv6 one.
            $bare = substr_count($address, ':') > 1 && !str_starts_with($address, '[');
            if (!self::host($bare ? $address : (string) preg_replace('~:[^:\]]*$~', '', $address))) {
                return false;
            }
        }
        return true;
    }

    private static function host(string $host): bool
    {
        return preg_match('~^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$~i', $host) === 1;
    }
}
