<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Exception;

/** No model of the route can hold the request; shorten it. */
class ContextTooLongException extends GatewayException
{
}
