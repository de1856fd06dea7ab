<?php

declare(strict_types=1);

// One page of a shop: asks the gateway and tells which worker did, and how much memory that takes.

use Erpai\Gateway\Client\ClientOptions;
use Erpai\Gateway\Client\GatewayClient;
use Erpai\Gateway\Client\TransportKind;
use Erpai\Gateway\Client\Tests\Support\Memory;
use Erpai\Gateway\Client\Tests\Support\Requests;
use Erpai\Gateway\V1\AnswerBy;

require dirname(__DIR__, 3) . '/vendor/autoload.php';

$client = new GatewayClient(new ClientOptions(
    $_GET['grpc'],
    $_GET['http'],
    deadlineS: 120, // a busy machine may take long to start the gateway again
    transport: constant(TransportKind::class . '::' . $_GET['kind']),
));
$answer = $client->chat(Requests::chat(by: AnswerBy::ANSWER_BY_RULES_ONLY));
header('Content-Type: application/json');
echo json_encode(['text' => $answer->getText(), 'pid' => getmypid(), 'bytes' => Memory::residentBytes()]);
