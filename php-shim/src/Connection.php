<?php

declare(strict_types=1);

namespace Mooring;

/**
 * A stream to sessiond that sends pipelined RESP2 commands and reads as many replies.
 *
 * All handlers of one request share one stream per socket. A persistent stream outlives the request, so its first
 * use in every request starts with RESET (frees locks that an earlier request left behind) and an ECHO of a random
 * word (proves that the replies which follow are ours: a request that died between sending and reading leaves an
 * answer in the stream that belongs to another visitor).
 */
final class Connection
{
    private const MAX_LINE_BYTES = 4096;
    private const MAX_BULK_BYTES = 1048576;
    private const MAX_ARRAY_ITEMS = 16;
    private const MAX_SOCKET_PATH_BYTES = 107;
    private const READ_BYTES = 65536;
    private const CONNECT_PAUSE_US = 20000;
    private const ERRNO_PERMISSION_DENIED = 13;

    /** @var array<string, self> */
    private static array $shared = [];

    private string $socket;
    private float $connectTimeout;
    private bool $persistent;

    /** @var resource|null */
    private $stream = null;
    private int $pid = 0;
    private bool $awaitingReply = false;
    private string $buffer = '';
    private string $warning = '';

    private function __construct(string $socket, float $connectTimeout, bool $persistent)
    {
        $this->socket = $socket;
        $this->connectTimeout = $connectTimeout;
        $this->persistent = $persistent;
    }

    public static function shared(string $socket, float $connectTimeout, bool $persistent): self
    {
        // PHP would cut a longer path with a mere notice and connect to whatever has the shorter name.
        if ($socket === '' || strlen($socket) > self::MAX_SOCKET_PATH_BYTES) {
            throw new \InvalidArgumentException(sprintf(
                'mooring: socket: "%s" has %d bytes; give a path of 1 to %d bytes',
                $socket,
                strlen($socket),
                self::MAX_SOCKET_PATH_BYTES
            ));
        }
        $key = $socket . '|' . $connectTimeout . '|' . ($persistent ? 'p' : 't');
        if (!isset(self::$shared[$key])) {
            self::$shared[$key] = new self($socket, $connectTimeout, $persistent);
        }
        return self::$shared[$key];
    }

    /**
     * Sends the commands in one write and returns one reply each: string, int, null, array or ErrorReply.
     * Repeats them once on a new connection when the peer hung up: every SESSION command is safe to repeat.
     *
     * @param list<list<string>> $commands
     * @return list<mixed>
     */
    public function exchange(array $commands, float $timeout): array
    {
        $deadline = microtime(true) + $timeout;
        try {
            return $this->attempt($commands, $deadline);
        } catch (ConnectionError $error) {
            if (!$error->isRepeatable()) {
                throw $error;
            }
        }
        return $this->attempt($commands, $deadline);
    }

    /** True when there is a stream of this process, that is, when locks may be held through it. */
    public function isOpen(): bool
    {
        return $this->stream !== null && $this->pid === getmypid() && !$this->awaitingReply;
    }

    /**
     * @param list<list<string>> $commands
     * @return list<mixed>
     */
    private function attempt(array $commands, float $deadline): array
    {
        $proof = $this->connect($deadline) && $this->persistent ? bin2hex(random_bytes(8)) : '';
        $opening = $proof === '' ? [] : [['RESET'], ['ECHO', $proof]];
        $this->awaitingReply = true;
        try {
            $complete = $this->send(self::encode(array_merge($opening, $commands)), $deadline);
            if ($proof !== '' && ($this->readReply($deadline) !== 'RESET' || $this->readReply($deadline) !== $proof)) {
                throw $this->broken('the stream held an answer of an earlier request', true);
            }
            $replies = [];
            foreach ($commands as $_) {
                $replies[] = $this->readReply($deadline);
                if (!$complete) {
                    return $this->refusedWhileSending($replies[0], count($commands));
                }
            }
        } catch (ConnectionError $error) {
            $this->disconnect();
            throw $error;
        }
        $this->awaitingReply = false;
        return $replies;
    }

    /**
     * The peer closed before it had read everything; if it said why, that is the answer.
     *
     * @param mixed $reply
     * @return list<ErrorReply>
     */
    private function refusedWhileSending($reply, int $commands): array
    {
        if (!$reply instanceof ErrorReply) {
            throw $this->broken('closed while the command was being sent', true);
        }
        $this->disconnect();
        return array_fill(0, $commands, $reply);
    }

    /** Returns true when this request has not used the stream before. */
    private function connect(float $deadline): bool
    {
        // After fork() the stream belongs to the parent; after an interrupted exchange its replies are out of step.
        if ($this->stream !== null && ($this->pid !== getmypid() || $this->awaitingReply)) {
            $this->disconnect();
        }
        if ($this->stream !== null) {
            return false;
        }
        $giveUp = min($deadline, microtime(true) + $this->connectTimeout);
        while (!$this->tryConnect($giveUp, $errno)) {
            if ($errno === self::ERRNO_PERMISSION_DENIED || microtime(true) >= $giveUp) {
                throw new ConnectionError($this->socket . ': ' . $this->warning, false);
            }
            usleep(self::CONNECT_PAUSE_US);
        }
        $this->pid = (int) getmypid();
        $this->buffer = '';
        $this->awaitingReply = false;
        return true;
    }

    private function tryConnect(float $giveUp, ?int &$errno): bool
    {
        $errno = 0;
        $text = '';
        $flags = STREAM_CLIENT_CONNECT | ($this->persistent ? STREAM_CLIENT_PERSISTENT : 0);
        $wait = max(0.001, $giveUp - microtime(true));
        $stream = $this->quietly(function () use (&$errno, &$text, $wait, $flags) {
            return stream_socket_client('unix://' . $this->socket, $errno, $text, $wait, $flags);
        });
        if ($stream === false) {
            $this->warning = ($text === '' ? 'cannot connect' : $text) . '; is mooring-sessiond running, and may this user open its socket?';
            return false;
        }
        stream_set_chunk_size($stream, self::READ_BYTES);
        $this->stream = $stream;
        return true;
    }

    private function disconnect(): void
    {
        if ($this->stream !== null) {
            // fclose() ends a persistent stream too; after fork() it closes only this process's copy.
            $stream = $this->stream;
            $this->quietly(static function () use ($stream) {
                return is_resource($stream) && fclose($stream);
            });
        }
        $this->stream = null;
        $this->buffer = '';
        $this->awaitingReply = false;
    }

    /** @param list<list<string>> $commands */
    private static function encode(array $commands): string
    {
        $bytes = '';
        foreach ($commands as $arguments) {
            $bytes .= '*' . count($arguments) . "\r\n";
            foreach ($arguments as $argument) {
                $bytes .= '$' . strlen($argument) . "\r\n" . $argument . "\r\n";
            }
        }
        return $bytes;
    }

    /** Returns false when the peer closed before all was written; it may have answered why. */
    private function send(string $bytes, float $deadline): bool
    {
        for ($sent = 0; $sent < strlen($bytes); $sent += $written) {
            $this->limitWait($deadline);
            $rest = $sent === 0 ? $bytes : substr($bytes, $sent);
            $written = $this->quietly(function () use ($rest) {
                return fwrite($this->stream, $rest);
            });
            if ($written === false || $written === 0) {
                $this->limitWait($deadline);
                return false;
            }
        }
        return true;
    }

    /** @return string|int|null|array<mixed>|ErrorReply */
    private function readReply(float $deadline, bool $nested = false)
    {
        $line = $this->readLine($deadline);
        $rest = substr($line, 1);
        switch ($line[0] ?? '') {
            case '+':
                return $rest;
            case '-':
                return new ErrorReply($rest);
            case ':':
                return $this->number($rest, PHP_INT_MAX);
            case '$':
                $length = $this->number($rest, self::MAX_BULK_BYTES);
                return $length === -1 ? null : $this->readBulk($length, $deadline);
            case '*':
                if (!$nested) {
                    return $this->readArray($this->number($rest, self::MAX_ARRAY_ITEMS), $deadline);
                }
        }
        throw $this->broken('answered something that is not RESP2; is another server listening there?', false);
    }

    /** @return array<mixed>|null */
    private function readArray(int $count, float $deadline): ?array
    {
        if ($count === -1) {
            return null;
        }
        $items = [];
        while (count($items) < $count) {
            $items[] = $this->readReply($deadline, true);
        }
        return $items;
    }

    private function number(string $digits, int $limit): int
    {
        if (preg_match('/^(-1|[0-9]{1,18})$/D', $digits) !== 1 || (int) $digits > $limit) {
            throw $this->broken('answered a length or number that cannot be right', false);
        }
        return (int) $digits;
    }

    private function readLine(float $deadline): string
    {
        while (($end = strpos($this->buffer, "\r\n")) === false) {
            if (strlen($this->buffer) > self::MAX_LINE_BYTES) {
                throw $this->broken('answered a line that is too long', false);
            }
            $this->fill($deadline);
        }
        $line = substr($this->buffer, 0, $end);
        $this->buffer = (string) substr($this->buffer, $end + 2);
        return $line;
    }

    private function readBulk(int $length, float $deadline): string
    {
        while (strlen($this->buffer) < $length + 2) {
            $this->fill($deadline);
        }
        $bulk = (string) substr($this->buffer, 0, $length);
        if (substr($this->buffer, $length, 2) !== "\r\n") {
            throw $this->broken('answered a bulk string without its end mark', false);
        }
        $this->buffer = (string) substr($this->buffer, $length + 2);
        return $bulk;
    }

    private function fill(float $deadline): void
    {
        $this->limitWait($deadline);
        $bytes = $this->quietly(function () {
            return fread($this->stream, self::READ_BYTES);
        });
        if ($bytes === false || $bytes === '') {
            $this->limitWait($deadline);
            if ($bytes === false || feof($this->stream)) {
                throw $this->broken('closed the connection before it answered', true);
            }
            return;
        }
        $this->buffer .= $bytes;
    }

    /** One deadline for the whole exchange: each wait on the stream gets what is left of it. */
    private function limitWait(float $deadline): void
    {
        $left = $deadline - microtime(true);
        if ($left <= 0.0) {
            throw $this->broken('no answer within the time limit (option "timeout")', false);
        }
        $seconds = (int) $left;
        stream_set_timeout($this->stream, $seconds, max(1, (int) (($left - $seconds) * 1e6)));
    }

    private function broken(string $what, bool $repeatable): ConnectionError
    {
        return new ConnectionError($this->socket . ': ' . $what, $repeatable);
    }

    /**
     * Keeps PHP's own stream warnings from the application: "@" would still call its error handler.
     *
     * @return mixed
     */
    private function quietly(callable $call)
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
