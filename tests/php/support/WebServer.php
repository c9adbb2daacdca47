<?php

declare(strict_types=1);

namespace MooringTest;

/** PHP's built-in web server: one process that serves request after request, as a php-fpm worker does. */
final class WebServer
{
    private int $port;
    /** @var resource */
    private $process;

    /** @var list<string> the Set-Cookie headers of the last answer */
    public array $cookies = [];

    /**
     * @param array<string, string> $environment
     * @param array<string, string> $settings php.ini settings
     */
    public function __construct(string $router, array $environment, array $settings = [])
    {
        $probe = stream_socket_server('tcp://127.0.0.1:0');
        $this->port = (int) substr((string) strrchr((string) stream_socket_get_name($probe, false), ':'), 1);
        fclose($probe);
        $log = getenv('MOORING_TEST_DIR') . '/web.log';
        $command = [PHP_BINARY];
        foreach ($settings + ['display_errors' => '0', 'session.use_strict_mode' => '1'] as $name => $value) {
            array_push($command, '-d', $name . '=' . $value);
        }
        array_push($command, '-S', '127.0.0.1:' . $this->port, $router);
        $process = proc_open(
            $command,
            [['file', '/dev/null', 'r'], ['file', $log, 'a'], ['file', $log, 'a']],
            $pipes,
            null,
            $environment + getenv()
        );
        if ($process === false) {
            throw new \RuntimeException('cannot start ' . PHP_BINARY . ' -S');
        }
        $this->process = $process;
        register_shutdown_function([$this, 'stop']);
        for ($tries = 0; @stream_socket_client('tcp://127.0.0.1:' . $this->port) === false; $tries++) {
            if ($tries === 250) {
                throw new \RuntimeException('the web server does not listen: ' . file_get_contents($log));
            }
            usleep(20000); // pause: of a loop that looks for the event
        }
    }

    /** @return mixed the decoded JSON of the answer */
    public function get(array $query, string $cookie = '')
    {
        $context = stream_context_create(['http' => [
            'ignore_errors' => true,
            'timeout' => 30,
            'header' => $cookie === '' ? [] : ['Cookie: ' . $cookie],
        ]]);
        $stream = fopen('http://127.0.0.1:' . $this->port . '/?' . http_build_query($query), 'r', false, $context);
        $body = (string) stream_get_contents($stream);
        $this->cookies = [];
        foreach (stream_get_meta_data($stream)['wrapper_data'] as $header) {
            if (stripos($header, 'Set-Cookie: ') === 0) {
                $this->cookies[] = substr($header, 12);
            }
        }
        fclose($stream);
        return json_decode($body, true);
    }

    public function stop(): void
    {
        if (is_resource($this->process)) {
            proc_terminate($this->process, 9);
            proc_close($this->process);
        }
    }
}
