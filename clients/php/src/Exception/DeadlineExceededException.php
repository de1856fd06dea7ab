<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Exception;

/** The time of the call is over. */
class DeadlineExceededException extends GatewayException
{
}
