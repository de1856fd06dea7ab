<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client;

/** Where the gateway is and how it is called. */
final class ClientOptions
{
    public const VERSION = '0.1.0';

    /** Text of a gRPC service config: what is retried, how often, and that calls wait for a connection. */
    public readonly string $serviceConfig;

    /**
     * @param string $grpcTarget of the gRPC port, such as "ai.internal:50051"; several addresses as
     *     "ipv4:10.0.0.1:50051,10.0.0.2:50051" or "dns:///ai.internal:50051"
     * @param string $httpUrl of the HTTP port, such as "http://ai.internal:50080"
     * @param string $apiKey sent as `authorization: Bearer`; empty where the gateway asks for none
     * @param float $deadlineS for calls that bring none of their own; default 30
     * @param string $erpVersion which release of the ERP is calling
     * @param ?Tls $tls null: plain text for gRPC; for `https://` URLs the system's authorities
     * @param ?string $serviceConfig null: the shipped resources/service_config.json
     */
    public function __construct(
        public readonly string $grpcTarget = '',
        public readonly string $httpUrl = '',
        #[\SensitiveParameter] public readonly string $apiKey = '',
        public readonly float $deadlineS = 30.0,
        public readonly string $erpVersion = '',
        public readonly ?Tls $tls = null,
        public readonly TransportKind $transport = TransportKind::Auto,
        ?string $serviceConfig = null,
    ) {
        if ($httpUrl !== '' && !preg_match('~^https?://[^/]~', $httpUrl)) {
            throw new \InvalidArgumentException("httpUrl must begin with http:// or https://, not '$httpUrl'");
        }
        if (str_contains($grpcTarget, '://') && preg_match('~^https?://~', $grpcTarget)) {
            throw new \InvalidArgumentException("grpcTarget is host:port without a scheme, not '$grpcTarget'");
        }
        $this->serviceConfig = $serviceConfig
            ?? (string) file_get_contents(dirname(__DIR__) . '/resources/service_config.json');
    }

    /**
     * What var_dump() and print_r() show, of clients and transports as well: never the key.
     *
     * @return array<string, mixed>
     */
    public function __debugInfo(): array
    {
        return ['apiKey' => $this->apiKey === '' ? 'none' : 'set'] + get_object_vars($this);
    }
}
