<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Exception;

/** The request breaks documented rules; `violations` lists them all, at most 20. */
class InvalidRequestException extends GatewayException
{
}
