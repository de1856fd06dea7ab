<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client;

/** Whom to trust, and the client's own certificate for mutual TLS. */
final class Tls
{
    private const SYSTEM_ROOTS = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem'];

    /**
     * @param string $caFile PEM file of the authorities to trust; empty for the system's
     * @param string $certificateFile PEM file of the client's certificate chain, for mutual TLS
     * @param string $keyFile PEM file of its key
     */
    public function __construct(
        public readonly string $caFile = '',
        public readonly string $certificateFile = '',
        public readonly string $keyFile = '',
    ) {
        if (($certificateFile === '') !== ($keyFile === '')) {
            throw new \InvalidArgumentException('mutual TLS needs both certificateFile and keyFile');
        }
        foreach (array_filter([$caFile, $certificateFile, $keyFile]) as $file) {
            if (!is_readable($file)) {
                throw new \InvalidArgumentException("cannot read '$file'");
            }
        }
    }

    /** The authorities to trust, as PEM text: ext-grpc does not know where the system keeps them. */
    public function rootsPem(): string
    {
        foreach ($this->caFile !== '' ? [$this->caFile] : self::SYSTEM_ROOTS as $file) {
            if (is_readable($file)) {
                return (string) file_get_contents($file);
            }
        }
        throw new \InvalidArgumentException('the system has no file of trusted authorities: give caFile');
    }
}
