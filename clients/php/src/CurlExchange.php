<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client;

use Erpai\Gateway\Client\Exception\GatewayException;

/**
 * One HTTP/1.1 exchange on a libcurl handle: what came so far, and what its end means.
 *
 * HTTP/1.1 on purpose: Debian 12's libcurl 7.88 loses ends of HTTP/2 streams.
 *
 * @internal
 */
final class CurlExchange
{
    private const MAX_BODY_BYTES = 16 * 1024 * 1024;
    private const CONNECT_S = 5;
    private const CANNOT_CONNECT = [CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT];

    public int $status = 0;
    /** @var array<string, string> in lower case */
    public array $headers = [];
    /** What came and was not taken yet. */
    public string $body = '';
    private bool $tooLarge = false;

    /** @param array<string, string> $headers */
    public function __construct(
        public readonly \CurlHandle $handle,
        private readonly string $url,
        string $body,
        #[\SensitiveParameter] array $headers,
        private readonly Deadline $deadline,
    ) {
        curl_setopt_array($handle, [
            CURLOPT_URL => $url,
            CURLOPT_POSTFIELDS => $body,
            CURLOPT_HTTPHEADER => self::lines($headers),
            CURLOPT_HTTP_VERSION => CURL_HTTP_VERSION_1_1,
            CURLOPT_PROTOCOLS => CURLPROTO_HTTP | CURLPROTO_HTTPS,
            CURLOPT_FOLLOWLOCATION => false, // the key must not follow a redirect to another host
            CURLOPT_NOSIGNAL => true,
            CURLOPT_TIMEOUT_MS => $deadline->leftMs(),
            CURLOPT_CONNECTTIMEOUT_MS => min($deadline->leftMs(), self::CONNECT_S * 1000),
            CURLOPT_HEADERFUNCTION => $this->takeHeader(...),
            CURLOPT_WRITEFUNCTION => $this->takeBody(...),
        ]);
    }

    /** @throws GatewayException|NotConnected unless the exchange is whole, by HTTP's own measure */
    public function check(int $result): void
    {
        if ($result === CURLE_OK) {
            return;
        }
        $text = sprintf('%s: %s', $this->url, curl_error($this->handle) ?: curl_strerror($result));
        if ($this->tooLarge) {
            $limit = self::MAX_BODY_BYTES;
            throw GatewayException::of(new ErrorStatus(Code::ResourceExhausted, "$this->url: more than $limit bytes"));
        }
        if (in_array($result, self::CANNOT_CONNECT, true)) {
            throw new NotConnected($text);
        }
        if ($result === CURLE_OPERATION_TIMEDOUT) {
            throw $this->timedOut($text);
        }
        $code = $result === CURLE_SSL_CACERT ? Code::Unknown : Code::Unavailable; // a wrong certificate stays wrong
        throw GatewayException::of(new ErrorStatus($code, $text));
    }

    /** Parts handle and exchange, which hold each other. */
    public function release(): void
    {
        curl_setopt_array($this->handle, [CURLOPT_HEADERFUNCTION => null, CURLOPT_WRITEFUNCTION => null]);
    }

    /** The deadline, or only the shorter time for connecting. */
    private function timedOut(string $text): \RuntimeException
    {
        $connected = curl_getinfo($this->handle, CURLINFO_PRETRANSFER_TIME_T) > 0;
        return !$connected && $this->deadline->leftS() > 0.01
            ? new NotConnected($text)
            : GatewayException::of(new ErrorStatus(Code::DeadlineExceeded, $text));
    }

    private function takeHeader(\CurlHandle $handle, string $line): int
    {
        if (preg_match('~^HTTP/[\d.]+ (\d{3})~', $line, $match)) {
            $this->status = (int) $match[1];
            $this->headers = []; // those before belonged to a 1xx reply
        } elseif (str_contains($line, ':')) {
            [$name, $value] = explode(':', $line, 2);
            $this->headers[strtolower(trim($name))] = trim($value);
        }
        return strlen($line);
    }

    private function takeBody(\CurlHandle $handle, string $part): int
    {
        $this->tooLarge = strlen($this->body) + strlen($part) > self::MAX_BODY_BYTES;
        if ($this->tooLarge) {
            return 0; // ends the exchange
        }
        $this->body .= $part;
        return strlen($part);
    }

    /**
     * @param array<string, string> $headers
     * @return list<string>
     */
    private static function lines(array $headers): array
    {
        $lines = ['Expect:']; // else bodies over 1 MiB wait a second for "100 Continue"
        foreach ($headers as $name => $value) {
            $lines[] = "$name: $value";
        }
        return $lines;
    }
}
