<?php

declare(strict_types=1);

namespace Mooring;

/** No answer: the socket refused, broke, stayed silent, or spoke something that is not RESP2. */
final class ConnectionError extends \RuntimeException
{
    private bool $repeatable;

    public function __construct(string $text, bool $repeatable)
    {
        parent::__construct($text);
        $this->repeatable = $repeatable;
    }

    /** True when the peer hung up, so that the same commands may be sent once more on a new connection. */
    public function isRepeatable(): bool
    {
        return $this->repeatable;
    }
}
