<?php

declare(strict_types=1);

namespace Mooring;

/** Session ids: what sessiond accepts, and new ones in the form that PHP itself would choose. */
final class SessionId
{
    private const PATTERN = '/^[A-Za-z0-9,-]{1,256}$/D';
    private const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-,';
    private const DEFAULT_LENGTH = 32;
    private const DEFAULT_BITS = 4;

    public static function isValid(string $id): bool
    {
        return preg_match(self::PATTERN, $id) === 1;
    }

    /** Follows session.sid_length and session.sid_bits_per_character where PHP has them. */
    public static function create(): string
    {
        $length = self::setting('session.sid_length', 22, 256, self::DEFAULT_LENGTH);
        $bits = self::setting('session.sid_bits_per_character', 4, 6, self::DEFAULT_BITS);
        $id = '';
        foreach (str_split(random_bytes($length)) as $byte) {
            $id .= self::ALPHABET[ord($byte) & ((1 << $bits) - 1)];
        }
        return $id;
    }

    /** Nobody can have a session under such an id: a new one serves the visitor better than an error page. */
    public static function dropImpossibleCookie(): void
    {
        $cookie = $_COOKIE[session_name()] ?? '';
        if (!is_string($cookie) || !self::isValid($cookie)) {
            unset($_COOKIE[session_name()]);
        }
    }

    private static function setting(string $name, int $least, int $most, int $default): int
    {
        $value = (int) ini_get($name);
        return $value >= $least && $value <= $most ? $value : $default;
    }
}
