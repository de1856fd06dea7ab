<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Exception;

/** The key may not do this. */
class PermissionDeniedException extends GatewayException
{
}
