<?php

declare(strict_types=1);

// The client that the examples share. Environment:
//   ERP_GATEWAY_GRPC  address of the gRPC port, default 127.0.0.1:50051
//   ERP_GATEWAY_HTTP  URL of the HTTP port, default http://127.0.0.1:50080
//   ERP_GATEWAY_KEY   API key, where the gateway asks for one
//   ERP_GATEWAY_WAY   Auto (default), Grpc, Connect or ConnectJson

use Erpai\Gateway\Client\ClientOptions;
use Erpai\Gateway\Client\GatewayClient;
use Erpai\Gateway\Client\TransportKind;

// Inside an application's vendor folder, or in the package's own.
foreach ([dirname(__DIR__, 3), dirname(__DIR__) . '/vendor'] as $vendor) {
    if (is_file("$vendor/autoload.php")) {
        require_once "$vendor/autoload.php";
        break;
    }
}

return new GatewayClient(new ClientOptions(
    grpcTarget: getenv('ERP_GATEWAY_GRPC') ?: '127.0.0.1:50051',
    httpUrl: getenv('ERP_GATEWAY_HTTP') ?: 'http://127.0.0.1:50080',
    apiKey: getenv('ERP_GATEWAY_KEY') ?: '',
    transport: constant(TransportKind::class . '::' . (getenv('ERP_GATEWAY_WAY') ?: 'Auto')),
));
