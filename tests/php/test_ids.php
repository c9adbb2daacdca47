<?php

declare(strict_types=1);

require __DIR__ . '/support/harness.php';

$hostile = ['../../etc/passwd', "a\0b", 'ä', str_repeat('a', 257), 'a b', "a\r\nb", "abc\n", '*1', 'a_b', 'a.b'];

// Without strict mode PHP hands any id to the handler: it must refuse, and must not send it anywhere.
$handler = handler();
foreach ($hostile as $id) {
    equal(false, $handler->open('', 'PHPSESSID') && $handler->read($id), 'read() of a hostile id');
    contains('names no session', (string) $handler->lastError(), 'the reason is noted');
    equal(false, $handler->validateId($id), 'validateId() of a hostile id');
    equal(false, $handler->write($id, 'x'), 'write() of a hostile id');
    $handler->close();
}
session_id('../../etc/passwd');
equal(false, session_start(), 'session_start() with a hostile id');
contains('Failed to read session data', implode("\n", warnings()), 'PHP warns');

// Strict mode replaces it; so does register(), which runs before PHP looks at the cookie.
ini_set('session.use_strict_mode', '1');
session_id('../../etc/passwd');
check(session_start(), 'strict mode starts a session');
check(Mooring\SessionId::isValid((string) session_id()), 'under a new id');
session_write_close();
ini_set('session.use_strict_mode', '0');

foreach (['../../etc/passwd', ['array']] as $cookie) {
    $_COOKIE[session_name()] = $cookie;
    handler();
    check(!isset($_COOKIE[session_name()]), 'a cookie that cannot be an id is dropped');
}
$_COOKIE[session_name()] = 'abc123';
$handler = handler();
equal('abc123', $_COOKIE[session_name()], 'a cookie that can be an id stays');

equal(false, $handler->open('', 'bad name'), 'a session name that sessiond does not take');
contains('session.name', (string) $handler->lastError(), 'the setting is named');
equal(false, $handler->open('', str_repeat('n', 65)), 'a session name that is too long');
equal(true, $handler->open('', str_repeat('n', 64)), 'the longest session name');
equal(null, $handler->lastError(), 'open() clears the last error');

// Ids are made as PHP makes them.
foreach ([[4, '0-9a-f'], [5, '0-9a-v'], [6, '0-9a-zA-Z,-']] as [$bits, $characters]) {
    ini_set('session.sid_bits_per_character', (string) $bits);
    foreach ([22, 32, 256] as $length) {
        ini_set('session.sid_length', (string) $length);
        $id = $handler->create_sid();
        check(preg_match('/^[' . $characters . ']{' . $length . '}$/D', $id) === 1, "$length characters of $bits bits: $id");
        check($id !== $handler->create_sid(), 'no two are alike');
    }
}
ini_set('session.sid_length', '32');
$longest = str_repeat('a', 256);
store($longest, ['long' => 1]);
equal('long|i:1;', stored($longest), 'the longest id works');

session_id(newId());
session_start();
$made = session_create_id('prefix-');
check(is_string($made) && strpos($made, 'prefix-') === 0, 'session_create_id() with a prefix');
session_write_close();
session_id($made);
check(session_start(), 'a session starts under it');
session_write_close();

warnings();
finish();
