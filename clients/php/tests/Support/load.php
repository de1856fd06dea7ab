<?php

declare(strict_types=1);

// Calls the gateway until its input is closed, then prints what became of the calls.
// Usage: php load.php KIND GRPC_TARGET HTTP_URL

use Erpai\Gateway\Client\ClientOptions;
use Erpai\Gateway\Client\GatewayClient;
use Erpai\Gateway\Client\TransportKind;
use Erpai\Gateway\Client\Tests\Support\Memory;
use Erpai\Gateway\Client\Tests\Support\Requests;
use Erpai\Gateway\V1\AnswerBy;

require dirname(__DIR__, 2) . '/vendor/autoload.php';

const STREAM_EVERY = 5;
const WARM_CALLS = 100;
const TICK_EVERY = 10;
const PAUSE_US = 5_000; // the machine has other things to do
$kind = constant(TransportKind::class . "::$argv[1]");
$client = new GatewayClient(new ClientOptions($argv[2], $argv[3], deadlineS: 120, transport: $kind));
// By rules: a gateway that has just started answers so at once, while its models' library is still loading.
$request = Requests::chat(by: AnswerBy::ANSWER_BY_RULES_ONLY);
stream_set_blocking(STDIN, false);
$told = ['calls' => 0, 'failures' => [], 'warm_bytes' => 0, 'slowest_s' => 0.0];
while (!feof(STDIN)) {
    fread(STDIN, 1);
    $began = microtime(true);
    try {
        $answer = ++$told['calls'] % STREAM_EVERY === 0
            ? $client->streamChat($request)->answer()
            : $client->chat($request);
        if ($answer->getText() === '') {
            $told['failures'][] = 'an empty answer';
        }
    } catch (Throwable $error) {
        $told['failures'][] = get_class($error) . ': ' . $error->getMessage();
    }
    $told['slowest_s'] = max($told['slowest_s'], round(microtime(true) - $began, 3));
    if ($told['calls'] === WARM_CALLS) {
        $told['warm_bytes'] = Memory::residentBytes();
        echo "warm\n";
    } elseif ($told['calls'] % TICK_EVERY === 0) {
        echo "tick\n";
    }
    usleep(PAUSE_US);
}
echo "told: ", json_encode($told + ['bytes' => Memory::residentBytes()]), "\n";
