<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Exception;

/** A limit is used up, or the message is too large; `retryAfterS` says when to come back. */
class QuotaExhaustedException extends GatewayException
{
}
