<?php

declare(strict_types=1);

namespace Mooring;

/** One line in PHP's error log for each failure. An id is shown as a hash, because who knows it owns the session. */
final class ErrorLog
{
    private ?string $last = null;

    public function last(): ?string
    {
        return $this->last;
    }

    public function clear(): void
    {
        $this->last = null;
    }

    /** Always false, for "return". */
    public function add(string $what, string $id, string $why): bool
    {
        $subject = $id === '' ? '' : ' of session ' . substr(hash('sha256', $id), 0, 12);
        $this->last = (string) preg_replace('/[^\x20-\x7e]+/', '?', $what . $subject . ' failed: ' . $why);
        error_log('mooring: ' . $this->last);
        return false;
    }
}
