<?php

declare(strict_types=1);

use Erpai\Gateway\V1\AnomalyKind;
use Erpai\Gateway\V1\DetectAnomalyRequest;
use Erpai\Gateway\V1\Interval;
use Erpai\Gateway\V1\Point;
use Erpai\Gateway\V1\Series;
use Google\Protobuf\Timestamp;

$client = require __DIR__ . '/client.php';
// Ninety days of sales with a weekly rhythm; on the last the shop sold ten times as much.
$points = [];
for ($day = 0; $day < 90; $day++) {
    $points[] = (new Point())
        ->setTime((new Timestamp())->setSeconds(strtotime('2026-01-05 UTC') + $day * 86_400))
        ->setValue($day === 89 ? 1000 : 100 + $day % 7 * 10);
}
$series = (new Series())->setSeriesId('sku-1')->setPoints($points)->setInterval(Interval::INTERVAL_DAY)->setUnit('pcs');
$answer = $client->detectAnomaly((new DetectAnomalyRequest())->setSeries($series));
foreach ($answer->getAnomalies() as $found) {
    printf(
        "%s  %s  %.0f instead of %.0f: %s\n",
        gmdate('Y-m-d', (int) $found->getTime()->getSeconds()),
        AnomalyKind::name($found->getKind()),
        $found->getValue(),
        $found->getExpected(),
        $found->getExplanation(),
    );
}
echo $answer->getSummary(), "\n";
