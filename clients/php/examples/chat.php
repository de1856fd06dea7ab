<?php

declare(strict_types=1);

// php chat.php ["your question"]

use Erpai\Gateway\Client\Exception\GatewayException;
use Erpai\Gateway\V1\ChatMessage;
use Erpai\Gateway\V1\ChatRequest;
use Erpai\Gateway\V1\Role;
use Erpai\Gateway\V1\Source;

$client = require __DIR__ . '/client.php';
$question = (new ChatMessage())
    ->setRole(Role::ROLE_USER)
    ->setText($argv[1] ?? 'How long does international delivery take?');
try {
    $answer = $client->chat((new ChatRequest())->setMessages([$question]));
} catch (GatewayException $error) {
    fwrite(STDERR, get_class($error) . ': ' . $error->getMessage() . "\n");
    exit(1);
}
echo $answer->getText(), "\n";
$info = $answer->getInfo();
printf(
    "-- %s %s, %.6f USD, request %s, over %s\n",
    Source::name($info->getSource()),
    $info->getDeployment(),
    $info->getUsage()?->getCostUsdMicros() / 1e6,
    $info->getRequestId(),
    $client->describe(),
);
