<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client;

/** One broken rule: the field's path such as "messages[3].text" (or a quota's subject), and what is wrong. */
final class FieldViolation
{
    public function __construct(
        public readonly string $field,
        public readonly string $description,
    ) {
    }
}
