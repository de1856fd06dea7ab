<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Exception;

/** The call was cancelled. */
class CallCancelledException extends GatewayException
{
}
