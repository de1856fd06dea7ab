<?php

declare(strict_types=1);

// Usage: php fork.php before|after KIND GRPC_TARGET HTTP_URL
// Calls in a child, forked before or after its parent's first call; prints what the child got.

use Erpai\Gateway\Client\ClientOptions;
use Erpai\Gateway\Client\GatewayClient;
use Erpai\Gateway\Client\TransportKind;
use Erpai\Gateway\Client\Tests\Support\Requests;
use Erpai\Gateway\V1\AnswerBy;

require dirname(__DIR__, 2) . '/vendor/autoload.php';

$options = new ClientOptions($argv[3], $argv[4], transport: constant(TransportKind::class . "::$argv[2]"));
$ask = static fn (GatewayClient $client): string
    => $client->chat(Requests::chat(by: AnswerBy::ANSWER_BY_RULES_ONLY))->getText();
$kept = null;
if ($argv[1] === 'after') {
    $kept = new GatewayClient($options);
    $ask($kept);
}
$child = pcntl_fork();
if ($child !== 0) {
    pcntl_waitpid($child, $status);
    echo "parent: ", $ask($kept ?? new GatewayClient($options)) === '' ? 'nothing' : 'answered', "\n";
    exit(0);
}
try {
    $text = $ask($kept ?? new GatewayClient($options));
    echo 'child: ', $text === '' ? 'nothing' : 'answered', "\n";
} catch (Throwable $error) {
    echo 'child: ', get_class($error), ': ', $error->getMessage(), "\n";
}
posix_kill((int) getmypid(), SIGKILL); // ends without the parent's destructors
