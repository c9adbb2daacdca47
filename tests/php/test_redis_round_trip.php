<?php

declare(strict_types=1);

require __DIR__ . '/support/redis.php';

foreach (redisVariants() as [$settings, $query]) {
    $name = json_encode([$settings, $query]);
    redisHandler($settings, $query);

    // Stored, read, changed, by this handler and by Mooring's own.
    $id = newId();
    store($id, ['cart' => "\0\xff binary", 'n' => 1]);
    equal('cart|s:9:"' . "\0\xff" . ' binary";n|i:1;', stored($id), 'stored as Mooring reads it ' . $name);
    session_id($id);
    check(session_start(), 'starts again ' . $name);
    equal(1, $_SESSION['n'], 'reads ' . $name);
    $_SESSION['n'] = 2;
    session_write_close();
    check(session_start(), 'unchanged ' . $name);
    session_write_close();
    ini_set('session.lazy_write', '0');
    check(session_start(), 'unchanged and written nevertheless ' . $name);
    session_write_close();
    ini_set('session.lazy_write', '1');

    // Only read, given up, emptied.
    check(session_start(['read_and_close' => true]), 'read_and_close ' . $name);
    equal(2, $_SESSION['n'], 'reads and closes ' . $name);
    session_start();
    $_SESSION['n'] = 3;
    session_abort();
    session_start();
    equal(2, $_SESSION['n'], 'nothing was stored by session_abort() ' . $name);
    if ($settings['redis.session.locking_enabled'] === '0') {
        $_SESSION['n'] = 4;
        session_reset();
        equal(2, $_SESSION['n'], 'read again by session_reset() ' . $name);
    }
    $_SESSION = [];
    session_write_close();
    equal('', stored($id), 'emptied ' . $name);

    // A new id, keeping and deleting the old session.
    store($id, ['step' => 1]);
    session_id($id);
    session_start();
    $_SESSION['step'] = 2;
    check(session_regenerate_id(false), 'regenerated ' . $name);
    $second = (string) session_id();
    $_SESSION['step'] = 3;
    session_write_close();
    equal(['step|i:2;', 'step|i:3;'], [stored($id), stored($second)], 'both are there ' . $name);
    session_start();
    check(session_regenerate_id(true), 'regenerated, deleting ' . $name);
    $third = (string) session_id();
    session_write_close();
    equal([null, 'step|i:3;'], [stored($second), stored($third)], 'the old one is gone ' . $name);

    // An id from PHP, with a prefix, and the end of a session.
    session_start();
    $made = session_create_id('prefix-');
    check(is_string($made) && strpos($made, 'prefix-') === 0, 'an id is made ' . $name);
    check(session_destroy(), 'destroyed ' . $name);
    equal(null, stored($third), 'it is gone ' . $name);
    session_id($made);
    check(session_start(), 'the id that was made works ' . $name);
    $_SESSION['n'] = 1;
    session_write_close();
    equal('n|i:1;', stored($made), 'and is stored ' . $name);

    // No lock is left.
    $redis = new Redis();
    $redis->connect(getenv('MOORING_SOCKET'));
    foreach ([$id, $second, $third, $made] as $used) {
        equal(0, $redis->exists('PHPREDIS_SESSION:' . $used . '_LOCK'), 'no lock is left ' . $name);
    }
    equal([], warnings(), 'no warning ' . $name);
}

// php-redis asks for the lock on a new connection while its old one holds it. As on Redis that is refused at once, and
// the session can only be read from there on.
redisHandler(['redis.session.locking_enabled' => '1']);
$id = newId();
store($id, ['n' => 1]);
session_start();
$elapsed = duration('session_reset');
check($elapsed < 1.0, 'a process does not wait for itself; it took ' . $elapsed);
$_SESSION['n'] = 2;
session_write_close();
equal(2, count(warnings()), 'php-redis says that it has no lock, and PHP that nothing was stored');
equal('n|i:1;', stored($id), 'nothing was stored');

// What php-redis cannot store is not stored, and PHP says so.
redisHandler();
$id = newId();
store($id, ['n' => 1]);
session_id($id);
session_start();
$_SESSION['n'] = str_repeat('x', 420000);
session_write_close();
contains('Failed to write session data', implode("\n", warnings()), 'too large');
equal('n|i:1;', stored($id), 'the stored session stays');

// An id that PHP itself would never make.
session_id('a.b');
check(session_start(), 'it reads as a new session');
$_SESSION['n'] = 1;
session_write_close();
contains('Failed to write session data', implode("\n", warnings()), 'and is not stored');

finish();
