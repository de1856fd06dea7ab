<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Exception;

/** A stream ended without its end: what was shown so far is no answer. */
class TruncatedException extends GatewayUnavailableException
{
}
