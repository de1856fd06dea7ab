<?php

declare(strict_types=1);

// Makes one call of a golden case inside a worker. Body: {"way": …, "step": …}; reply: the outcome as JSON.

use Erpai\Gateway\Client\Tests\Golden\Caller;

require dirname(__DIR__, 3) . '/vendor/autoload.php';

$asked = json_decode((string) file_get_contents('php://input'), true);
header('Content-Type: application/json');
echo json_encode((new Caller($asked['way']))->call($asked['step']));
