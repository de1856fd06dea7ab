<?php

declare(strict_types=1);

// Opens the stream of a golden case and reads it for as long as somebody looks: a chat page in a browser.
// Body: {"way": …, "step": …}. Prints a dot for each event; when the reader leaves, PHP ends the page at the next.

use Erpai\Gateway\Client\Tests\Golden\Caller;

require dirname(__DIR__, 3) . '/vendor/autoload.php';

while (ob_get_level() > 0) {
    ob_end_flush(); // php.ini's output_buffering would keep the first 4,096 bytes back
}
$asked = json_decode((string) file_get_contents('php://input'), true);
foreach ((new Caller($asked['way']))->stream($asked['step']) as $event) {
    echo $event->getEvent() === 'delta' ? '.' : '';
    flush();
}
