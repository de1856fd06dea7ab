<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Exception;

/** What came is no answer of a gateway: most likely the address is another server's. */
class ProtocolException extends GatewayException
{
}
