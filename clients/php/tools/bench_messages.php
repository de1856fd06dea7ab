<?php

declare(strict_types=1);

// What messages cost: php [-d extension=protobuf] clients/php/tools/bench_messages.php

use Erpai\Gateway\Client\Tests\Support\Requests;
use Erpai\Gateway\V1\DetectAnomalyRequest;

require dirname(__DIR__) . '/vendor/autoload.php';

$rounds = (int) ($argv[1] ?? 200);
$bytes = Requests::anomaly()->serializeToString();
$began = hrtime(true);
for ($round = 0; $round < $rounds; $round++) {
    $request = new DetectAnomalyRequest();
    $request->mergeFromString($bytes);
    $request->serializeToString();
}
printf(
    "%s: %.0f us to read and write a series of 90 points (%d bytes)\n",
    extension_loaded('protobuf') ? 'ext-protobuf' : 'PHP',
    (hrtime(true) - $began) / 1e3 / $rounds,
    strlen($bytes),
);
