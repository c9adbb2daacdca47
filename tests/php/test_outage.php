<?php

declare(strict_types=1);

require __DIR__ . '/support/harness.php';

use MooringTest\Sessiond;

$sessiond = (new Sessiond())->start();
$handler = handler(['socket' => $sessiond->socket, 'connect_timeout' => 0.3]);
$id = newId();
store($id, ['cart' => 'full']);

// Down: no session at all, in either mode.
$sessiond->kill();
foreach (['0', '1'] as $strict) {
    ini_set('session.use_strict_mode', $strict);
    session_id($id);
    $_SESSION = [];
    $elapsed = duration(static function (): void {
        equal(false, session_start(), 'session_start() fails while sessiond is down');
    });
    check($elapsed >= 0.25 && $elapsed < 1.5, 'after connect_timeout; it took ' . $elapsed);
    equal(PHP_SESSION_NONE, session_status(), 'no session is active');
    contains('Failed to read session data', implode("\n", warnings()), 'PHP warns');
    contains('is mooring-sessiond running?', (string) $handler->lastError(), 'the reason says what to look at');
    $_SESSION = ['cart' => 'overwritten'];
    session_write_close();
}
$log = (string) file_get_contents((string) ini_get('error_log'));
contains('mooring: read of session ' . substr(hash('sha256', $id), 0, 12) . ' failed: ', $log, 'one line is logged');
check(strpos($log, $id) === false, 'the id itself is not in the log');
$sessiond->start();
equal('cart|s:4:"full";', stored($id, $sessiond->socket), 'nothing was overwritten');

// Back: the next request works, on a stream that has died meanwhile.
session_id($id);
check(session_start(), 'it starts when sessiond is back');
equal(['cart' => 'full'], $_SESSION, 'with the data');

// Restarted between reading and storing: what the visitor did is stored.
foreach (['stop', 'kill'] as $way) {
    $_SESSION['way'] = $way;
    $sessiond->$way();
    $sessiond->start();
    session_write_close();
    equal([], warnings(), 'no warning after ' . $way);
    contains('"' . $way . '"', (string) stored($id, $sessiond->socket), 'stored although sessiond was restarted by ' . $way);
    check(session_start(), 'the session goes on after ' . $way);
}

// Unchanged sessions as well.
$sessiond->kill();
$sessiond->start();
session_write_close();
equal([], warnings(), 'no warning when an unchanged session is closed after a restart');

// Somebody else stored in between: the older copy does not win.
session_start();
$_SESSION['cart'] = 'older';
$sessiond->kill();
$sessiond->start();
$other = new MooringTest\PhpProcess('handler(["socket" => "' . $sessiond->socket . '"]); session_id("' . $id . '");'
    . 'session_start(); $_SESSION["cart"] = "newer"; finish();');
equal(0, $other->wait(), 'another visitor stores after the restart');
session_write_close();
contains('Failed to write session data', implode("\n", warnings()), 'PHP warns about the older copy');
contains('stale', (string) $handler->lastError(), 'the reason is noted');
contains('"newer"', (string) stored($id, $sessiond->socket), 'the newer data stays');

// Down while storing: a warning, and the stored session stays as it was.
session_start();
$_SESSION['cart'] = 'lost';
$sessiond->kill();
session_write_close();
contains('Failed to write session data', implode("\n", warnings()), 'PHP warns');
$sessiond->start();
contains('"newer"', (string) stored($id, $sessiond->socket), 'what was stored stays');

// Down when the id is to be replaced: PHP throws, and the visitor's session is still there under the old id.
session_id($id);
session_start();
$sessiond->kill();
try {
    session_regenerate_id(true);
    check(false, 'session_regenerate_id() fails while sessiond is down');
} catch (Error $error) {
    contains('session ID', $error->getMessage(), 'the error is the one of PHP');
}
warnings();
$sessiond->start();
contains('"newer"', (string) stored($id, $sessiond->socket), 'the session is still there under the old id');

// The same when sessiond goes after the new id was given out.
session_id($id);
session_start();
check(session_regenerate_id(true), 'a new id is given');
$_SESSION['cart'] = 'after log-in';
$sessiond->kill();
session_write_close();
contains('Failed to write session data', implode("\n", warnings()), 'PHP warns');
$sessiond->start();
contains('"newer"', (string) stored($id, $sessiond->socket), 'the session is still there under the old id');
session_id($id);
check(session_start(), 'and can be opened');
session_write_close();

// "Cannot tell" about an id must not end in an empty session when sessiond is back a moment later.
$sessiond->kill();
$handler->open('', session_name());
$unknown = newId();
equal(true, $handler->validateId($unknown), 'validateId() keeps an id that cannot be looked up');
$sessiond->start();
equal(false, $handler->read($unknown), 'read() does not accept it unseen');
$handler->close();

$sessiond->stop();
equal(false, session_start(), 'session_start() fails after an orderly stop as well');
warnings();

finish();
