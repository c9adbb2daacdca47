<?php

declare(strict_types=1);

namespace Mooring;

/** What sessiond answered with "-": the command was understood and refused. */
final class ErrorReply
{
    private string $text;

    public function __construct(string $text)
    {
        $this->text = $text;
    }

    public function text(): string
    {
        return $this->text;
    }
}
