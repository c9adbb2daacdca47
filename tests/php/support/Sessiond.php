<?php

declare(strict_types=1);

namespace MooringTest;

/** A sessiond of the test's own, on the embedded store, for tests that stop and kill it. */
final class Sessiond
{
    public string $socket;
    private string $folder;
    /** @var resource|null */
    private $process = null;

    /**
     * @param array<string, string> $settings more keys of [sessions], written as TOML values
     * @param string $sections more sections of the configuration
     */
    public function __construct(array $settings = [], string $sections = '')
    {
        $this->folder = getenv('MOORING_TEST_DIR') . '/' . bin2hex(random_bytes(4));
        $this->socket = $this->folder . '/s';
        if (!mkdir($this->folder)) {
            throw new \RuntimeException('cannot create ' . $this->folder);
        }
        $lines = ['[sessions]'];
        $settings += [
            'socket' => json_encode($this->socket, JSON_UNESCAPED_SLASHES),
            'store' => '"embedded"',
            'embedded_file' => json_encode($this->folder . '/sessions.db', JSON_UNESCAPED_SLASHES),
        ];
        foreach ($settings as $name => $value) {
            $lines[] = $name . ' = ' . $value;
        }
        file_put_contents($this->folder . '/mooring.toml', implode("\n", $lines) . "\n" . $sections);
        register_shutdown_function([$this, 'kill']);
    }

    public function start(): self
    {
        $log = $this->folder . '/log';
        file_put_contents($log, '');
        $command = [getenv('MOORING_TEST_SESSIOND'), '--config', $this->folder . '/mooring.toml'];
        $process = proc_open($command, [['file', '/dev/null', 'r'], ['file', $log, 'a'], ['file', $log, 'a']], $pipes);
        $this->process = $process === false ? null : $process;
        for ($tries = 0; $tries < 500; $tries++) {
            if (strpos((string) file_get_contents($log), 'event=sessiond.ready') !== false) {
                return $this;
            }
            usleep(20000); // pause: of a loop that looks for the event
        }
        throw new \RuntimeException('sessiond is not ready: ' . file_get_contents($log));
    }

    /** SIGTERM, and waits for its end. */
    public function stop(): int
    {
        return $this->end(SIGTERM);
    }

    public function kill(): int
    {
        return $this->end(SIGKILL);
    }

    public function pid(): int
    {
        return proc_get_status($this->process)['pid'];
    }

    public function signal(int $number): void
    {
        proc_terminate($this->process, $number);
    }

    private function end(int $signal): int
    {
        if ($this->process === null) {
            return 0;
        }
        $this->signal($signal);
        $this->signal(SIGCONT);
        do {
            usleep(5000); // pause: of a loop that looks for the event
            $status = proc_get_status($this->process);
        } while ($status['running']);
        $this->process = null;
        return $status['signaled'] ? -$status['termsig'] : $status['exitcode'];
    }
}
