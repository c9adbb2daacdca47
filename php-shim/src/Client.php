<?php

declare(strict_types=1);

namespace Mooring;

/** The SESSION commands as methods. Each is one round trip and throws \RuntimeException when it was not carried out. */
final class Client
{
    private Options $options;
    private Connection $connection;

    public function __construct(Options $options)
    {
        $this->options = $options;
        $this->connection = Connection::shared($options->socket, $options->connectTimeout, $options->persistent);
    }

    /** Waits for the session's lock. A session given as $left is unlocked on the way. */
    public function open(string $name, string $id, ?OpenedSession $left): OpenedSession
    {
        $readOnly = $this->options->readOnly;
        $commands = $left === null ? [] : self::closing($left);
        $commands[] = array_merge(['SESSION.OPEN', $name, $id], $readOnly ? ['READONLY'] : []);
        $replies = $this->ask($commands);
        $reply = end($replies);
        if (!is_array($reply) || count($reply) !== 2) {
            throw $this->unexpected('SESSION.OPEN');
        }
        [$token, $data] = $reply;
        if (!($token === null || (is_string($token) && !$readOnly)) || !($data === null || is_string($data))) {
            throw $this->unexpected('SESSION.OPEN');
        }
        return new OpenedSession($name, $id, $token, $data);
    }

    /** Stores and unlocks; when refused, unlocks and leaves what is stored. */
    public function commit(OpenedSession $session, int $ttl, string $data): void
    {
        $this->ask([['SESSION.COMMIT', $session->name, $session->id, (string) $session->token, (string) $ttl, $data]]);
    }

    /** Extends the life of an unchanged session and unlocks it. */
    public function touch(OpenedSession $session, int $ttl): void
    {
        $this->ask([['SESSION.TOUCH', $session->name, $session->id, (string) $session->token, (string) $ttl]]);
    }

    public function close(OpenedSession $session): void
    {
        // Without the connection there is no lock either.
        if ($session->token !== null && $this->connection->isOpen()) {
            $this->ask(self::closing($session));
        }
    }

    public function destroy(OpenedSession $session): void
    {
        $delete = ['SESSION.DESTROY', $session->name, $session->id];
        $this->ask(array_merge([$delete], self::closing($session)));
    }

    public function exists(string $name, string $id): bool
    {
        return $this->ask([['SESSION.EXISTS', $name, $id]]) === [1];
    }

    /** @return list<list<string>> */
    private static function closing(OpenedSession $session): array
    {
        return $session->token === null ? [] : [['SESSION.CLOSE', $session->name, $session->id, $session->token]];
    }

    /**
     * @param list<list<string>> $commands
     * @return list<mixed>
     */
    private function ask(array $commands): array
    {
        $replies = $this->connection->exchange($commands, $this->options->timeout);
        foreach ($replies as $reply) {
            if ($reply instanceof ErrorReply) {
                throw new \RuntimeException('sessiond: ' . $reply->text());
            }
        }
        return $replies;
    }

    private function unexpected(string $command): \RuntimeException
    {
        return new \RuntimeException($this->options->socket . ': unexpected answer to ' . $command
            . '; do this handler and mooring-sessiond have the same version?');
    }
}
