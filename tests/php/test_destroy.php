<?php

declare(strict_types=1);

require __DIR__ . '/support/harness.php';

$handler = handler();
$id = newId();
store($id, ['a' => 1]);
session_id($id);
session_start();
check(session_destroy(), 'a session is destroyed');
equal(null, stored($id), 'it is gone from the store');

session_id($id);
session_start();
equal([], $_SESSION, 'under its id there is an empty session now');
$_SESSION['b'] = 2;
session_write_close();
equal('b|i:2;', stored($id), 'which can be used');

// Of a session that was never stored, and of one that somebody else has deleted meanwhile.
session_id(newId());
session_start();
check(session_destroy(), 'a session without data is destroyed');
session_id($id);
session_start();
$other = new MooringTest\PhpProcess('$h = handler(); $h->open("", session_name()); check($h->destroy("' . $id . '"), "d"); finish();');
equal(0, $other->wait(), 'another process deletes the session by its id');
$_SESSION['b'] = 3;
session_write_close();
warnings();
equal(null, stored($id), 'a session that was deleted meanwhile is not brought back to life');

equal(true, $handler->open('', session_name()), 'open');
equal(true, $handler->destroy(newId()), 'destroy() of an unknown id is no error');
equal(true, $handler->close(), 'close');

finish();
