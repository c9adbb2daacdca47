<?php

declare(strict_types=1);

require __DIR__ . '/support/harness.php';

handler(['ttl' => 1]);
$id = newId();
store($id, ['a' => 1]);
equal('a|i:1;', stored($id), 'the session is there');
usleep(2200000); // pause: the session expires
equal(null, stored($id), 'it is not served after its time');
session_id($id);
session_start();
equal([], $_SESSION, 'a visitor with the old id begins anew');
session_write_close();
ini_set('session.use_strict_mode', '1');
session_id($id);
session_start();
check(session_id() !== $id, 'strict mode replaces an expired id');
session_write_close();
ini_set('session.use_strict_mode', '0');

// Without the option, session.gc_maxlifetime counts.
ini_set('session.gc_maxlifetime', '1');
handler();
$second = newId();
store($second, ['a' => 1]);
usleep(2200000); // pause: the session expires
equal(null, stored($second), 'session.gc_maxlifetime is the life of a session');

finish();
