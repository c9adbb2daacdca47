<?php

declare(strict_types=1);

require __DIR__ . '/support/harness.php';

handler();
$id = newId();
store($id, ['a' => 1]);

function opensAtOnce(string $id, string $after): void
{
    $elapsed = duration(static function () use ($id, $after): void {
        $other = new MooringTest\PhpProcess('handler(); session_id("' . $id . '"); check(session_start(), "start"); finish();');
        equal(0, $other->wait(), 'another process opens the session after ' . $after);
    });
    check($elapsed < 2.0, 'without waiting for a lock after ' . $after);
}

session_id($id);
session_start();
$_SESSION['a'] = 2;
session_abort();
equal('a|i:1;', stored($id), 'session_abort() stores nothing');
opensAtOnce($id, 'session_abort()');

session_id($id);
check(session_start(['read_and_close' => true]), 'read_and_close starts');
equal(['a' => 1], $_SESSION, 'and reads');
equal(PHP_SESSION_NONE, session_status(), 'and closes');
$_SESSION['a'] = 3;
session_write_close();
equal('a|i:1;', stored($id), 'and stores nothing');
opensAtOnce($id, 'read_and_close');

session_id($id);
session_start();
$_SESSION['a'] = 4;
check(session_reset(), 'session_reset()');
equal(['a' => 1], $_SESSION, 'brings the stored values back');
$_SESSION['a'] = 5;
session_write_close();
equal('a|i:5;', stored($id), 'and the session can still be stored');
opensAtOnce($id, 'session_reset()');

session_id($id);
session_start();
session_reset();
session_reset();
session_abort();
opensAtOnce($id, 'session_reset() twice and session_abort()');
equal('a|i:5;', stored($id), 'nothing changed by that');

finish();
