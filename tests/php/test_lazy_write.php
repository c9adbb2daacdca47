<?php

declare(strict_types=1);

require __DIR__ . '/support/harness.php';

// With a life of 6 s: a session in use stays alive although nothing changes in it, written lazily or not.
handler(['ttl' => 6]);
foreach (['1', '0'] as $lazy) {
    ini_set('session.lazy_write', $lazy);
    $id = newId();
    store($id, ['a' => 1]);
    for ($visit = 0; $visit < 3; $visit++) {
        usleep(2500000); // pause: together longer than a life
        session_id($id);
        session_start();
        equal(['a' => 1], $_SESSION, 'visit ' . $visit . ' finds the data, lazy_write ' . $lazy);
        session_write_close();
    }
    equal('a|i:1;', stored($id), 'the data is unchanged');
    session_start();
    $_SESSION['a'] = 2;
    session_write_close();
    equal('a|i:2;', stored($id), 'a change is stored, lazy_write ' . $lazy);
}

finish();
