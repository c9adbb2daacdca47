<?php

declare(strict_types=1);

/**
 * What every test script begins with: the handler's classes, settings as on the command line, and checks.
 * A script is passed when it reaches finish() without a failed check and without a warning that nobody asked for.
 */

spl_autoload_register(static function (string $class): void {
    $folders = ['Mooring\\' => __DIR__ . '/../../../php-shim/src/', 'MooringTest\\' => __DIR__ . '/'];
    foreach ($folders as $prefix => $folder) {
        if (strpos($class, $prefix) === 0) {
            require $folder . substr($class, strlen($prefix)) . '.php';
        }
    }
});

foreach (
    [
        'error_log' => (getenv('MOORING_TEST_DIR') ?: sys_get_temp_dir()) . '/php.log',
        'session.use_cookies' => '0',
        'session.use_only_cookies' => '0',
        'session.cache_limiter' => '',
        'session.use_strict_mode' => '0',
        'session.lazy_write' => '1',
        'session.serialize_handler' => 'php',
        'session.gc_maxlifetime' => '1440',
    ] as $name => $value
) {
    ini_set($name, $value);
}

$GLOBALS['checks'] = 0;
$GLOBALS['failures'] = 0;
$GLOBALS['warnings'] = [];

set_error_handler(static function (int $level, string $text, string $file, int $line): bool {
    if ((error_reporting() & $level) === 0) {
        return false;
    }
    $GLOBALS['warnings'][] = $text . ' at ' . basename($file) . ':' . $line;
    return true;
});

/** The warnings since the last call. */
function warnings(): array
{
    $warnings = $GLOBALS['warnings'];
    $GLOBALS['warnings'] = [];
    return $warnings;
}

function check(bool $right, string $what): void
{
    $GLOBALS['checks']++;
    if (!$right) {
        $GLOBALS['failures']++;
        $caller = debug_backtrace(DEBUG_BACKTRACE_IGNORE_ARGS, 2);
        $at = basename($caller[0]['file']) === 'harness.php' ? $caller[1] : $caller[0];
        fwrite(STDERR, 'line ' . $at['line'] . ': not so: ' . $what . "\n");
    }
}

function equal($expected, $found, string $what): void
{
    $shown = static fn ($value): string => strlen($text = var_export($value, true)) > 200
        ? substr($text, 0, 200) . '...' : $text;
    check($expected === $found, $what . '; expected ' . $shown($expected) . ', found ' . $shown($found));
}

function contains(string $part, string $whole, string $what): void
{
    check(strpos($whole, $part) !== false, $what . '; "' . $part . '" is not in "' . $whole . '"');
}

function finish(): void
{
    foreach (warnings() as $warning) {
        $GLOBALS['failures']++;
        fwrite(STDERR, 'unexpected warning: ' . $warning . "\n");
    }
    echo $GLOBALS['checks'], " checks\n";
    exit($GLOBALS['failures'] === 0 ? 0 : 1);
}

function newId(): string
{
    return bin2hex(random_bytes(16));
}

function handler(array $options = []): Mooring\SessionHandler
{
    return Mooring\SessionHandler::register($options + ['socket' => getenv('MOORING_SOCKET')]);
}

/** The encoded data of a session as others see it, null when there is none. Takes no lock. */
function stored(string $id, ?string $socket = null): ?string
{
    $options = ['socket' => $socket ?? getenv('MOORING_SOCKET'), 'read_only' => true, 'persistent' => false];
    return (new Mooring\Client(Mooring\Options::fromArray($options)))->open(session_name(), $id, null)->data;
}

/** Stores a session as another visitor's request would. */
function store(string $id, array $values): void
{
    session_id($id);
    check(session_start(), 'a session starts');
    $_SESSION = $values;
    session_write_close();
}

/** Returns when so many requests wait for a lock. */
function waitForWaiters(int $count, ?string $socket = null): void
{
    $stream = stream_socket_client('unix://' . ($socket ?? getenv('MOORING_SOCKET')));
    for ($end = microtime(true) + 20; microtime(true) < $end;) {
        fwrite($stream, "*1\r\n\$4\r\nINFO\r\n");
        $length = (int) substr((string) fgets($stream), 1);
        $info = (string) stream_get_contents($stream, $length + 2);
        if (preg_match('/^lock_waiters:(\d+)/m', $info, $found) && (int) $found[1] === $count) {
            return;
        }
        usleep(5000); // pause: of a loop that looks for the event
    }
    throw new RuntimeException('gave up waiting until ' . $count . ' requests wait for a lock');
}

/** Seconds that the call takes. */
function duration(callable $call): float
{
    $begin = microtime(true);
    $call();
    return microtime(true) - $begin;
}
