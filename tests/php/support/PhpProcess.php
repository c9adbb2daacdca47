<?php

declare(strict_types=1);

namespace MooringTest;

/** Another PHP process that runs a piece of code after the harness: another visitor, or the same one's second tab. */
final class PhpProcess
{
    /** @var resource */
    private $process;
    /** @var array<int, resource> */
    private array $pipes = [];
    private ?int $exitCode = null;

    /** @param array<string, string> $settings php.ini settings */
    public function __construct(string $code, array $settings = [])
    {
        $arguments = [];
        foreach ($settings as $name => $value) {
            array_push($arguments, '-d', $name . '=' . $value);
        }
        $harness = var_export(__DIR__ . '/harness.php', true);
        $process = proc_open(
            array_merge([PHP_BINARY], $arguments, ['-r', 'require ' . $harness . '; ' . $code]),
            [['pipe', 'r'], ['pipe', 'w'], STDERR],
            $this->pipes
        );
        if ($process === false) {
            throw new \RuntimeException('cannot start ' . PHP_BINARY);
        }
        $this->process = $process;
    }

    /** The next line it prints, without its end; false when it has ended. */
    public function line(int $seconds = 20)
    {
        $read = [$this->pipes[1]];
        $none = null;
        if (stream_select($read, $none, $none, $seconds) !== 1) {
            throw new \RuntimeException('the other process printed nothing for ' . $seconds . ' s');
        }
        $line = fgets($this->pipes[1]);
        return $line === false ? false : rtrim($line, "\n");
    }

    /** Lets code go on that waits with fgets(STDIN). */
    public function proceed(): void
    {
        fwrite($this->pipes[0], "\n");
    }

    /** The exit code: -9 when it was ended by SIGKILL. */
    public function wait(): int
    {
        while ($this->exitCode === null) {
            $status = proc_get_status($this->process);
            if (!$status['running']) {
                $this->exitCode = $status['signaled'] ? -$status['termsig'] : $status['exitcode'];
            } else {
                usleep(5000); // pause: of a loop that looks for the event
            }
        }
        return $this->exitCode;
    }

    public function kill(): int
    {
        proc_terminate($this->process, 9);
        return $this->wait();
    }
}
