<?php

declare(strict_types=1);

/** PHP's session functions with their failures as exceptions: whoever gets past close() knows that it is stored. */
final class Session
{
    public static function open(): void
    {
        if (!self::warningsThrown(static fn () => session_start())) {
            throw new RuntimeException('session_start() failed');
        }
    }

    /** A new id for the same contents, so that an id which was planted before the log-in is worth nothing after it. */
    public static function renew(): void
    {
        try {
            $renewed = self::warningsThrown(static fn () => session_regenerate_id(true));
        } catch (Error $error) {
            // What PHP throws when the new session cannot be read.
            throw new RuntimeException($error->getMessage(), 0, $error);
        }
        if (!$renewed) {
            throw new RuntimeException('session_regenerate_id() failed');
        }
    }

    public static function close(): void
    {
        self::warningsThrown(static fn () => session_write_close());
    }

    /** The visitor keeps the id that worked last: a page that could not store must not hand out another one. */
    public static function withdrawCookie(): void
    {
        header_remove('Set-Cookie');
    }

    /** session_write_close() answers true even when nothing was stored: only a warning tells. */
    private static function warningsThrown(callable $call): bool
    {
        $warnings = [];
        set_error_handler(static function (int $level, string $text) use (&$warnings): bool {
            $warnings[] = $text;
            return true;
        });
        try {
            $result = $call();
        } finally {
            restore_error_handler();
        }
        if ($warnings !== []) {
            throw new RuntimeException(implode('; ', $warnings));
        }
        return $result !== false;
    }
}
