<?php

declare(strict_types=1);

namespace MooringTest;

/** A server that answers each connection with prepared bytes, whatever it is asked: for answers that sessiond never gives. */
final class FakeServer
{
    public string $socket;
    private int $pid;

    /** @param list<string> $answers one per connection; the last one is for all that follow */
    public function __construct(array $answers, bool $hangUp = true)
    {
        $this->socket = getenv('MOORING_TEST_DIR') . '/' . bin2hex(random_bytes(4));
        $listener = stream_socket_server('unix://' . $this->socket);
        $this->pid = pcntl_fork();
        if ($this->pid === 0) {
            $this->serve($listener, $answers, $hangUp);
        }
        fclose($listener);
    }

    /** @param resource $listener */
    private function serve($listener, array $answers, bool $hangUp): void
    {
        $open = [];
        for (;;) {
            $connection = @stream_socket_accept($listener, 60);
            if ($connection === false) {
                posix_kill(posix_getpid(), 9);
            }
            fread($connection, 65536);
            fwrite($connection, count($answers) > 1 ? array_shift($answers) : $answers[0]);
            if ($hangUp) {
                fclose($connection);
            } else {
                $open[] = $connection;
            }
        }
    }

    public function stop(): void
    {
        posix_kill($this->pid, 9);
        pcntl_waitpid($this->pid, $status);
    }
}
