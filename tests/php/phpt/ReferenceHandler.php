<?php

declare(strict_types=1);

namespace MooringPhpt;

/**
 * What PHP's manual asks of a save handler and nothing more: all three interfaces, over files, with an exclusive lock
 * from read() to close(). It shows which of php-src's tests any handler written in PHP can pass.
 */
final class ReferenceHandler implements
    \SessionHandlerInterface,
    \SessionIdInterface,
    \SessionUpdateTimestampHandlerInterface
{
    private const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-,';

    private string $folder;

    /** @var resource|null the file of the session that was read, locked */
    private $file = null;
    private string $openId = '';

    public function __construct(string $folder)
    {
        $this->folder = $folder;
    }

    public function open($path, $name): bool
    {
        return true;
    }

    public function create_sid(): string
    {
        $bits = (int) ini_get('session.sid_bits_per_character');
        $id = '';
        foreach (str_split(random_bytes((int) ini_get('session.sid_length'))) as $byte) {
            $id .= self::ALPHABET[ord($byte) & ((1 << $bits) - 1)];
        }
        return $id;
    }

    public function validateId($id): bool
    {
        return self::isValid($id) && is_file($this->path($id));
    }

    /** @return string|false */
    #[\ReturnTypeWillChange]
    public function read($id)
    {
        if (!self::isValid($id)) {
            return false;
        }
        if ($this->file === null || $this->openId !== $id) {
            $this->close();
            $this->file = fopen($this->path($id), 'c+');
            $this->openId = $id;
            flock($this->file, LOCK_EX);
        }
        rewind($this->file);
        return stream_get_contents($this->file);
    }

    public function write($id, $data): bool
    {
        if ($this->file === null || $this->openId !== $id) {
            return false;
        }
        return ftruncate($this->file, 0) && rewind($this->file) && fwrite($this->file, $data) === strlen($data);
    }

    public function updateTimestamp($id, $data): bool
    {
        return touch($this->path($id));
    }

    public function close(): bool
    {
        if ($this->file !== null) {
            fclose($this->file);
            $this->file = null;
        }
        return true;
    }

    public function destroy($id): bool
    {
        return !is_file($this->path($id)) || unlink($this->path($id));
    }

    public function gc($maxLifetime): int
    {
        $deleted = 0;
        foreach (glob($this->folder . '/sess_*') as $path) {
            // Tests run side by side on one folder, and may have removed it meanwhile.
            $changed = @filemtime($path);
            if ($changed !== false && $changed + $maxLifetime < time() && @unlink($path)) {
                $deleted++;
            }
        }
        return $deleted;
    }

    private static function isValid(string $id): bool
    {
        return preg_match('/^[A-Za-z0-9,-]{1,240}$/D', $id) === 1;
    }

    private function path(string $id): string
    {
        return $this->folder . '/sess_' . $id;
    }
}
