<?php

declare(strict_types=1);

namespace Mooring;

/**
 * Speaks RESP2 to sessiond: sends pipelined commands, reads as many replies, bounds the size of each.
 *
 * All handlers of one request share one connection per socket. A persistent stream outlives the request, so its
 * first use in every request starts with RESET (frees locks that an earlier request left behind) and an ECHO of a
 * random word (proves that the replies which follow are ours: a request that died between sending and reading
 * leaves an answer in the stream that belongs to another visitor).
 */
final class Connection
{
    private const MAX_LINE_BYTES = 4096;
    private const MAX_BULK_BYTES = 1048576;
    private const MAX_ARRAY_ITEMS = 16;

    /** @var array<string, self> */
    private static array $shared = [];

    private Stream $stream;
    private bool $persistent;
    private bool $awaitingReply = false;
    private string $buffer = '';

    private function __construct(Stream $stream, bool $persistent)
    {
        $this->stream = $stream;
        $this->persistent = $persistent;
    }

    public static function shared(string $socket, float $connectTimeout, bool $persistent): self
    {
        $key = $socket . '|' . $connectTimeout . '|' . ($persistent ? 'persistent' : 'single');
        if (!isset(self::$shared[$key])) {
            self::$shared[$key] = new self(new Stream($socket, $connectTimeout, $persistent), $persistent);
        }
        return self::$shared[$key];
    }

    /** True when locks may be held through this connection: sessiond frees them when it ends. */
    public function isOpen(): bool
    {
        return $this->stream->isOpen() && !$this->awaitingReply;
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

    /**
     * @param list<list<string>> $commands
     * @return list<mixed>
     */
    private function attempt(array $commands, float $deadline): array
    {
        $opening = [];
        if (!$this->isOpen()) {
            $this->disconnect();
            $this->stream->open($deadline);
            $opening = $this->persistent ? [['RESET'], ['ECHO', bin2hex(random_bytes(8))]] : [];
        }
        // Stays set when an exception or a fatal error interrupts: the replies would be out of step from then on.
        $this->awaitingReply = true;
        try {
            $replies = $this->sendAndReceive($opening, $commands, $deadline);
        } catch (ConnectionError $error) {
            $this->disconnect();
            throw $error;
        }
        $this->awaitingReply = false;
        return $replies;
    }

    /**
     * @param list<list<string>> $opening
     * @param list<list<string>> $commands
     * @return list<mixed>
     */
    private function sendAndReceive(array $opening, array $commands, float $deadline): array
    {
        $sent = $this->stream->write(self::encode(array_merge($opening, $commands)), $deadline);
        foreach ($opening as $command) {
            $reply = $this->readReply($deadline);
            if ($reply instanceof ErrorReply) {
                // sessiond refuses the connection, or this is an answer to an earlier request: a new one tells.
                throw $this->stream->error('sessiond: ' . $reply->text(), true);
            }
            if ($reply !== ($command[1] ?? 'RESET')) {
                throw $this->stream->error('the stream held an answer of an earlier request', true);
            }
        }
        $replies = [];
        foreach ($commands as $_) {
            $replies[] = $reply = $this->readReply($deadline);
            // A peer that refuses what is too long for it says so and hangs up before it has read everything.
            if (!$sent && !$reply instanceof ErrorReply) {
                throw $this->stream->error('hung up while the command was being sent', true);
            }
        }
        return $replies;
    }

    private function disconnect(): void
    {
        $this->stream->close();
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

    /** @return string|int|null|array<mixed>|ErrorReply */
    private function readReply(float $deadline, bool $nested = false)
    {
        $line = $this->readLine($deadline);
        $rest = (string) substr($line, 1);
        switch (substr($line, 0, 1)) {
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
        throw $this->stream->error('answered something that is not RESP2; is another server listening there?', false);
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
            throw $this->stream->error('answered a length or number that cannot be right', false);
        }
        return (int) $digits;
    }

    private function readLine(float $deadline): string
    {
        while (($end = strpos($this->buffer, "\r\n")) === false) {
            if (strlen($this->buffer) > self::MAX_LINE_BYTES) {
                throw $this->stream->error('answered a line that is too long', false);
            }
            $this->buffer .= $this->stream->read($deadline);
        }
        return $this->take($end);
    }

    private function readBulk(int $length, float $deadline): string
    {
        while (strlen($this->buffer) < $length + 2) {
            $this->buffer .= $this->stream->read($deadline);
        }
        if (substr($this->buffer, $length, 2) !== "\r\n") {
            throw $this->stream->error('answered a bulk string without its end mark', false);
        }
        return $this->take($length);
    }

    /** Removes the first bytes and the end mark behind them from the buffer. */
    private function take(int $length): string
    {
        $bytes = (string) substr($this->buffer, 0, $length);
        $this->buffer = (string) substr($this->buffer, $length + 2);
        return $bytes;
    }
}
