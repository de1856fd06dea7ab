<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client;

/**
 * The process that loaded the autoloader: children forked from it cannot use ext-grpc, which starts its threads
 * with PHP's request, before any script runs (seen with 1.51: such children hang in their first call).
 *
 * @internal
 */
define(__NAMESPACE__ . '\\STARTED_PID', getmypid());
