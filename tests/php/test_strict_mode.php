<?php

declare(strict_types=1);

require __DIR__ . '/support/harness.php';

ini_set('session.use_strict_mode', '1');
handler();

$planted = newId();
session_id($planted);
check(session_start(), 'a session starts');
check(session_id() !== $planted, 'an id that the store does not know is replaced');
$id = (string) session_id();
session_write_close();

check(session_start(), 'the same request starts it again');
equal($id, session_id(), 'an id made in this request stays although nothing is stored yet');
$_SESSION['n'] = 1;
session_reset();
equal($id, session_id(), 'it stays when the session is reset before it was ever stored');
$_SESSION['n'] = 1;
session_write_close();
equal('n|i:1;', stored($id), 'and is stored');

// The visitor's next request.
$next = new MooringTest\PhpProcess('ini_set("session.use_strict_mode", "1"); handler(); session_id("' . $id . '");'
    . 'session_start(); equal("' . $id . '", session_id(), "a known id stays"); equal(["n" => 1], $_SESSION, "data");'
    . '$_SESSION["n"] = 2; finish();');
equal(0, $next->wait(), 'the next request finds it under strict mode');
equal('n|i:2;', stored($id), 'and its change is stored at the end of the script');

// The planted id was looked up under its lock, which must not linger.
$elapsed = duration(static function () use ($planted): void {
    $other = new MooringTest\PhpProcess('handler(); session_id("' . $planted . '"); check(session_start(), "start"); finish();');
    equal(0, $other->wait(), 'another process opens the planted id without strict mode');
});
check($elapsed < 2.0, 'without waiting for a lock');

session_id($id);
session_start();
session_regenerate_id(true);
$renewed = (string) session_id();
check($renewed !== $id, 'regenerated under strict mode');
session_write_close();
session_id($id);
session_start();
check(session_id() !== $id, 'the id that was given up is not accepted any more');
session_abort();
session_id($renewed);
session_start();
equal($renewed, session_id(), 'the new one is');
equal(['n' => 2], $_SESSION, 'with the data');
session_write_close();

finish();
