<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Exception;

/** No such conversation or knowledge base for this key. */
class NotFoundException extends GatewayException
{
}
