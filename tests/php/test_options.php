<?php

declare(strict_types=1);

require __DIR__ . '/support/harness.php';

use Mooring\Options;
use Mooring\SessionHandler;

$wrong = [
    [['sockte' => '/x'], 'unknown option "sockte"'],
    [['socket' => ''], 'the path of a socket'],
    [['socket' => 7], 'the path of a socket'],
    [['socket' => '/' . str_repeat('x', 107)], '1 to 107 bytes'],
    [['timeout' => 0], 'a number of seconds'],
    [['timeout' => -1], 'a number of seconds'],
    [['timeout' => '20s'], "option \"timeout\" is '20s'"],
    [['connect_timeout' => 'soon'], 'connect_timeout'],
    [['ttl' => 0.5], 'at least 1'],
    [['ttl' => []], 'is array'],
    [['read_only' => 'maybe'], 'true or false'],
    [['persistent' => null], 'true or false'],
];
foreach ($wrong as [$options, $part]) {
    try {
        new SessionHandler($options);
        check(false, 'refused: ' . json_encode($options));
    } catch (InvalidArgumentException $error) {
        contains($part, $error->getMessage(), 'the message names the option and the remedy');
    }
}

$options = Options::fromArray([]);
equal('/run/mooring/sessiond.sock', $options->socket, 'default of socket');
equal([1.0, 25.0, null], [$options->connectTimeout, $options->timeout, $options->ttl], 'default times');
equal([false, true], [$options->readOnly, $options->persistent], 'default flags');

equal(['socket' => getenv('MOORING_SOCKET')], Options::environment(), 'only what is set is taken from the environment');
putenv('MOORING_TTL=77');
putenv('MOORING_TIMEOUT=2.5');
putenv('MOORING_READ_ONLY=on');
putenv('MOORING_PERSISTENT=0');
putenv('MOORING_CONNECT_TIMEOUT=');
$options = Options::fromArray(Options::environment());
equal([77, 2.5, 1.0], [$options->ttl, $options->timeout, $options->connectTimeout], 'times from the environment');
equal([true, false], [$options->readOnly, $options->persistent], 'flags from the environment');

session_id(newId());
handler();
session_start();
try {
    SessionHandler::register([]);
    check(false, 'register() during a session is refused');
} catch (LogicException $error) {
    contains('session.auto_start', $error->getMessage(), 'the message names the setting');
}
session_write_close();

finish();
