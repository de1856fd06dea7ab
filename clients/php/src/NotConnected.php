<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client;

/**
 * Nothing was sent, because there was no connection. Not for callers: they get a GatewayException.
 *
 * @internal
 */
final class NotConnected extends \RuntimeException
{
}
