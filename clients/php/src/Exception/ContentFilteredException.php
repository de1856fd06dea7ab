<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Exception;

/** The provider refused the content on its policy; asking again does not help. */
class ContentFilteredException extends GatewayException
{
}
