<?php

declare(strict_types=1);

// No package at all: ext-curl and JSON. Enough for a first try, but without retries, waiting for a restarting
// server and typed errors. Environment: ERP_GATEWAY_HTTP, default http://127.0.0.1:50080; ERP_GATEWAY_KEY.

$call = static function (string $method, array $request): array {
    $handle = curl_init((getenv('ERP_GATEWAY_HTTP') ?: 'http://127.0.0.1:50080') . "/gateway.v1.GatewayService/$method");
    curl_setopt_array($handle, [
        CURLOPT_POSTFIELDS => json_encode($request, JSON_THROW_ON_ERROR),
        CURLOPT_HTTPHEADER => array_filter([
            'Content-Type: application/json',
            'Connect-Timeout-Ms: 20000', // the deadline that the gateway keeps
            getenv('ERP_GATEWAY_KEY') ? 'Authorization: Bearer ' . getenv('ERP_GATEWAY_KEY') : '',
        ]),
        CURLOPT_HTTP_VERSION => CURL_HTTP_VERSION_1_1,
        CURLOPT_TIMEOUT_MS => 21_000,
        CURLOPT_RETURNTRANSFER => true,
    ]);
    $body = curl_exec($handle);
    if ($body === false) {
        throw new RuntimeException(curl_error($handle));
    }
    $reply = json_decode($body, true, 512, JSON_THROW_ON_ERROR);
    if (curl_getinfo($handle, CURLINFO_RESPONSE_CODE) !== 200) {
        throw new RuntimeException("$reply[code]: $reply[message]");
    }
    return $reply;
};

$answer = $call('Chat', ['messages' => [['role' => 'ROLE_USER', 'text' => $argv[1] ?? 'How long does international delivery take?']]]);
echo $answer['text'], "\n-- ", $answer['info']['source'], "\n";
