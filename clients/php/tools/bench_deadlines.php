<?php

declare(strict_types=1);

// How long after its deadline a call ends that nobody answers; `python -m benchmarks.deadlines` runs it.
// Usage: php bench_deadlines.php KIND GRPC_TARGET HTTP_URL CALLS DEADLINE_S LABEL; prints one line of JSON.

use Erpai\Gateway\Client\ClientOptions;
use Erpai\Gateway\Client\Exception\DeadlineExceededException;
use Erpai\Gateway\Client\Exception\GatewayUnavailableException;
use Erpai\Gateway\Client\GatewayClient;
use Erpai\Gateway\Client\TransportKind;
use Erpai\Gateway\V1\ChatMessage;
use Erpai\Gateway\V1\ChatRequest;
use Erpai\Gateway\V1\RequestOptions;
use Erpai\Gateway\V1\Role;

require dirname(__DIR__) . '/vendor/autoload.php';

[, $kind, $target, $url, $calls, $deadlineS, $label] = $argv;
$client = new GatewayClient(new ClientOptions(
    $target,
    $url,
    deadlineS: (float) $deadlineS,
    transport: constant(TransportKind::class . "::$kind"),
));
$message = (new ChatMessage())->setRole(Role::ROLE_USER)->setText('Hello?');
$options = (new RequestOptions())->setLabels(['golden' => $label]);
$request = (new ChatRequest())->setMessages([$message])->setOptions($options);
$ways = [
    'unary' => static fn () => $client->chat($request),
    'stream' => static fn () => $client->streamChat($request)->answer(),
];
$over = [];
foreach ($ways as $way => $call) {
    for ($number = 0; $number < $calls; $number++) {
        $began = hrtime(true);
        try {
            $call();
            exit("the call was answered\n");
        } catch (DeadlineExceededException | GatewayUnavailableException) {
            $over[$way][] = round((hrtime(true) - $began) / 1e6 - $deadlineS * 1e3, 2);
        }
    }
}
echo json_encode($over), "\n";
