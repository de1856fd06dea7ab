<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Exception;

/** No, unknown or expired key. */
class UnauthenticatedException extends GatewayException
{
}
