<?php

declare(strict_types=1);

require __DIR__ . '/support/harness.php';

use MooringTest\FakeServer;

const OPENED = "*2\r\n\$1\r\nt\r\n\$6\r\na|i:1;\r\n";

/** @return array{0: string|false, 1: string} what read() answers, and the error */
function readFrom(array $answers, bool $hangUp = true): array
{
    $server = new FakeServer($answers, $hangUp);
    $handler = new Mooring\SessionHandler(['socket' => $server->socket, 'persistent' => false, 'timeout' => 0.5]);
    $handler->open('', 'PHPSESSID');
    $data = $handler->read('abc');
    $error = (string) $handler->lastError();
    $handler->close();
    $server->stop();
    return [$data, $error];
}

equal('a|i:1;', readFrom([OPENED])[0], 'the right answer');
equal('', readFrom(["*2\r\n\$1\r\nt\r\n\$-1\r\n"])[0], 'the right answer when there is no session');
equal('a|i:1;', readFrom(['', OPENED])[0], 'a peer that hangs up once is asked again');
equal('a|i:1;', readFrom([substr(OPENED, 0, 10), OPENED])[0], 'also when it hangs up in the middle of its answer');

$wrong = [
    'nothing, twice' => ['', 'hung up'],
    'an error' => ["-ERR store unavailable\r\n", 'store unavailable'],
    'HTTP' => ["HTTP/1.1 400 Bad Request\r\n\r\n", 'not RESP2'],
    'an empty line' => ["\r\n", 'not RESP2'],
    'RESP3 null' => ["_\r\n", 'not RESP2'],
    'a simple string' => ["+OK\r\n", 'SESSION.OPEN'],
    'null' => ["\$-1\r\n", 'SESSION.OPEN'],
    'a null array' => ["*-1\r\n", 'SESSION.OPEN'],
    'one item' => ["*1\r\n\$1\r\nt\r\n", 'SESSION.OPEN'],
    'three items' => ["*3\r\n\$1\r\nt\r\n\$1\r\nd\r\n\$1\r\nx\r\n", 'SESSION.OPEN'],
    'a number as token' => ["*2\r\n:1\r\n\$1\r\nd\r\n", 'SESSION.OPEN'],
    'a number as data' => ["*2\r\n\$1\r\nt\r\n:1\r\n", 'SESSION.OPEN'],
    'an error as data' => ["*2\r\n\$1\r\nt\r\n-ERR x\r\n", 'SESSION.OPEN'],
    'an array in an array' => ["*2\r\n*1\r\n\$1\r\nt\r\n\$1\r\nd\r\n", 'not RESP2'],
    'too many items' => ["*1000000\r\n", 'cannot be right'],
    'a huge bulk string' => ["*2\r\n\$1\r\nt\r\n\$536870912\r\n", 'cannot be right'],
    'a negative length' => ["*2\r\n\$1\r\nt\r\n\$-2\r\n", 'cannot be right'],
    'a length that is no number' => ["*2\r\n\$1\r\nt\r\n\$6x\r\n", 'cannot be right'],
    'a length beyond all numbers' => ["*2\r\n\$1\r\nt\r\n\$99999999999999999999\r\n", 'cannot be right'],
    'a bulk string that is longer than said' => ["*2\r\n\$1\r\nt\r\n\$3\r\nabcdef\r\n", 'end mark'],
    'a line without end' => [str_repeat('+', 10000), 'too long'],
];
foreach ($wrong as $what => [$answer, $reason]) {
    [$data, $error] = readFrom([$answer]);
    equal(false, $data, 'read() fails after ' . $what);
    contains($reason, $error, 'the reason after ' . $what);
}

foreach (['', '*2' . "\r\n", substr(OPENED, 0, -1)] as $part) {
    [$data, $error] = readFrom([$part], false);
    equal(false, $data, 'read() fails after silence');
    contains('time limit', $error, 'the reason is the time limit');
}

equal([], warnings(), 'the stream raises no warnings of its own');
finish();
