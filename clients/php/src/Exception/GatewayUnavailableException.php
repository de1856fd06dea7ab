<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Exception;

/** No answer now. The client has retried as the service config says. */
class GatewayUnavailableException extends GatewayException
{
}
