<?php

declare(strict_types=1);

namespace Mooring;

/** The handler's settings: defaults, the constructor's array, or MOORING_* in the environment. */
final class Options
{
    public string $socket = '/run/mooring/sessiond.sock';

    /** Seconds to keep trying while the socket refuses or is absent, as it is during a restart of sessiond. */
    public float $connectTimeout = 1.0;

    /** Seconds for one answer; must exceed sessiond's sessions.lock_wait + sessions.deadline. */
    public float $timeout = 25.0;

    /** Seconds a session lives after its last use; null means the ini setting session.gc_maxlifetime. */
    public ?int $ttl = null;

    /** Take no lock and store nothing: for pages that only look at the session. */
    public bool $readOnly = false;

    /** Keep the stream between the requests of a PHP worker. */
    public bool $persistent = true;

    /** @param array<string, mixed> $values */
    public static function fromArray(array $values): self
    {
        $options = new self();
        foreach ($values as $name => $value) {
            $options->set((string) $name, $value, (string) $name);
        }
        return $options;
    }

    /**
     * MOORING_SOCKET, MOORING_TIMEOUT, ...: from the environment or fastcgi_param, else "mooring.socket = ..." in php.ini.
     *
     * @return array<string, mixed>
     */
    public static function environment(): array
    {
        $values = [];
        foreach (['socket', 'connect_timeout', 'timeout', 'ttl', 'read_only', 'persistent'] as $name) {
            $value = getenv('MOORING_' . strtoupper($name));
            if ($value === false || $value === '') {
                $value = get_cfg_var('mooring.' . $name);
            }
            if ($value !== false && $value !== '') {
                $values[$name] = $value;
            }
        }
        return $values;
    }

    /** Seconds; the ini setting is read at each call, because applications change it at run time. */
    public function lifetime(): int
    {
        return $this->ttl ?? max(1, (int) ini_get('session.gc_maxlifetime'));
    }

    /** @param mixed $value */
    private function set(string $name, $value, string $shown): void
    {
        switch ($name) {
            case 'socket':
                $this->socket = is_string($value) && $value !== '' ? $value : self::refuse($shown, $value, 'the path of a socket');
                return;
            case 'connect_timeout':
                $this->connectTimeout = self::seconds($shown, $value);
                return;
            case 'timeout':
                $this->timeout = self::seconds($shown, $value);
                return;
            case 'ttl':
                $this->ttl = $value === null ? null : (int) self::seconds($shown, $value, 1.0);
                return;
            case 'read_only':
                $this->readOnly = self::flag($shown, $value);
                return;
            case 'persistent':
                $this->persistent = self::flag($shown, $value);
                return;
        }
        throw new \InvalidArgumentException(
            'mooring: unknown option "' . $name . '"; known are socket, connect_timeout, timeout, ttl, read_only, persistent'
        );
    }

    /** @param mixed $value */
    private static function seconds(string $name, $value, float $least = 0.001): float
    {
        if (!is_numeric($value) || (float) $value < $least || (float) $value > 1e9) {
            self::refuse($name, $value, 'a number of seconds, at least ' . $least);
        }
        return (float) $value;
    }

    /** @param mixed $value */
    private static function flag(string $name, $value): bool
    {
        $flag = is_scalar($value) ? filter_var($value, FILTER_VALIDATE_BOOLEAN, FILTER_NULL_ON_FAILURE) : null;
        return $flag ?? (bool) self::refuse($name, $value, 'true or false');
    }

    /**
     * @param mixed $value
     * @return never
     */
    private static function refuse(string $name, $value, string $wanted)
    {
        $found = is_scalar($value) ? var_export($value, true) : gettype($value);
        throw new \InvalidArgumentException('mooring: option "' . $name . '" is ' . $found . '; give ' . $wanted);
    }
}
