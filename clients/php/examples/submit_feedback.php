<?php

declare(strict_types=1);

// php submit_feedback.php REQUEST_ID: the id that an answer's info told

use Erpai\Gateway\Client\Exception\GatewayException;
use Erpai\Gateway\V1\Rating;
use Erpai\Gateway\V1\SubmitFeedbackRequest;

$client = require __DIR__ . '/client.php';
$feedback = (new SubmitFeedbackRequest())->setRequestId($argv[1] ?? 'unknown')->setRating(Rating::RATING_DOWN);
try {
    echo $client->submitFeedback($feedback)->getMatched() ? "kept\n" : "kept nothing: that answer is not known (any more)\n";
} catch (GatewayException $error) {
    if ($error->reason !== 'UNIMPLEMENTED') {
        throw $error;
    }
    echo "this gateway does not take feedback yet\n";
}
