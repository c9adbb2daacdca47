<?php

declare(strict_types=1);

namespace Mooring;

/** The unix stream itself: connects with patience, moves bytes until a deadline, never raises a PHP warning. */
final class Stream
{
    private const MAX_PATH_BYTES = 107;
    private const READ_BYTES = 65536;
    private const SHORTEST_WAIT = 0.001;
    private const CONNECT_PAUSE_US = 20000;
    private const ERRNO_PERMISSION_DENIED = 13;

    private string $path;
    private float $connectTimeout;
    private bool $persistent;

    /** @var resource|null */
    private $stream = null;
    private int $pid = 0;

    public function __construct(string $path, float $connectTimeout, bool $persistent)
    {
        // PHP would cut a longer path with a mere notice and connect to whatever has the shorter name.
        if ($path === '' || strlen($path) > self::MAX_PATH_BYTES) {
            throw new \InvalidArgumentException(sprintf(
                'mooring: socket: "%s" has %d bytes; give a path of 1 to %d bytes',
                $path,
                strlen($path),
                self::MAX_PATH_BYTES
            ));
        }
        $this->path = $path;
        $this->connectTimeout = $connectTimeout;
        $this->persistent = $persistent;
    }

    /** True when connected by this process: after fork() the connection is the parent's. */
    public function isOpen(): bool
    {
        return $this->stream !== null && $this->pid === getmypid();
    }

    /** Tries for up to the connect timeout: while sessiond restarts its socket refuses or is absent. */
    public function open(float $deadline): void
    {
        $this->close();
        $giveUp = min($deadline, microtime(true) + $this->connectTimeout);
        while (!$this->tryOpen($giveUp, $errno, $text)) {
            if ($errno === self::ERRNO_PERMISSION_DENIED) {
                throw $this->error($text . '; make this user a member of the group in sessions.socket_group', false);
            }
            if (microtime(true) >= $giveUp) {
                throw $this->error($text . '; is mooring-sessiond running?', false);
            }
            usleep(self::CONNECT_PAUSE_US);
        }
    }

    private function tryOpen(float $giveUp, ?int &$errno, ?string &$text): bool
    {
        $flags = STREAM_CLIENT_CONNECT | ($this->persistent ? STREAM_CLIENT_PERSISTENT : 0);
        $wait = max(self::SHORTEST_WAIT, $giveUp - microtime(true));
        $stream = self::quietly(function () use (&$errno, &$text, $wait, $flags) {
            return stream_socket_client('unix://' . $this->path, $errno, $text, $wait, $flags);
        });
        if ($stream === false) {
            return false;
        }
        stream_set_chunk_size($stream, self::READ_BYTES);
        $this->stream = $stream;
        $this->pid = (int) getmypid();
        return true;
    }

    public function close(): void
    {
        $stream = $this->stream;
        $this->stream = null;
        if (is_resource($stream)) {
            // fclose() ends a persistent stream too; in a forked child it closes only the child's copy.
            self::quietly(static function () use ($stream) {
                return fclose($stream);
            });
        }
    }

    /** Returns false when the peer hung up before it had everything; it may have answered why. */
    public function write(string $bytes, float $deadline): bool
    {
        for ($sent = 0; $sent < strlen($bytes); $sent += $written) {
            $this->limitWait($deadline);
            $rest = $sent === 0 ? $bytes : substr($bytes, $sent);
            $written = self::quietly(function () use ($rest) {
                return fwrite($this->stream, $rest);
            });
            if ($written === false || $written === 0) {
                $this->limitWait($deadline);
                return false;
            }
        }
        return true;
    }

    /** Waits for at least one byte. */
    public function read(float $deadline): string
    {
        for (;;) {
            $this->limitWait($deadline);
            $bytes = self::quietly(function () {
                return fread($this->stream, self::READ_BYTES);
            });
            if ($bytes !== false && $bytes !== '') {
                return $bytes;
            }
            if (!stream_get_meta_data($this->stream)['timed_out']) {
                throw $this->error('hung up before it answered', true);
            }
        }
    }

    public function error(string $what, bool $repeatable): ConnectionError
    {
        return new ConnectionError($this->path . ': ' . $what, $repeatable);
    }

    /** One deadline for a whole exchange: each wait gets what is left of it. */
    private function limitWait(float $deadline): void
    {
        $left = $deadline - microtime(true);
        if ($left < self::SHORTEST_WAIT) {
            throw $this->error('no answer within the time limit (option "timeout")', false);
        }
        $seconds = (int) $left;
        stream_set_timeout($this->stream, $seconds, (int) (($left - $seconds) * 1e6));
    }

    /**
     * Keeps stream warnings from the application: with "@" its error handler would still be called.
     *
     * @return mixed
     */
    private static function quietly(callable $call)
    {
        set_error_handler(static function (): bool {
            return true;
        });
        try {
            return $call();
        } finally {
            restore_error_handler();
        }
    }
}
