<?php

declare(strict_types=1);

// php stream_chat.php ["your question"]

use Erpai\Gateway\Client\Exception\GatewayException;
use Erpai\Gateway\V1\ChatMessage;
use Erpai\Gateway\V1\ChatRequest;
use Erpai\Gateway\V1\Role;
use Erpai\Gateway\V1\Source;

$client = require __DIR__ . '/client.php';
$question = (new ChatMessage())
    ->setRole(Role::ROLE_USER)
    ->setText($argv[1] ?? 'How long does international delivery take?');
$stream = $client->streamChat((new ChatRequest())->setMessages([$question]));
try {
    foreach ($stream as $event) {
        match ($event->getEvent()) {
            'delta' => print $event->getDelta()->getText(),
            'restarted' => print "\n(another model begins again:)\n", // throw away the text shown so far
            default => null,
        };
    }
} catch (GatewayException $error) {
    // What was shown is no answer: a whole one ends with `completed`, and never throws.
    fwrite(STDERR, "\n" . get_class($error) . ': ' . $error->getMessage() . "\n");
    exit(1);
}
echo "\n-- ", Source::name($stream->answer()->getInfo()->getSource()), ', over ', $client->describe(), "\n";
