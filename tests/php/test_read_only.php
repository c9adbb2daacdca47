<?php

declare(strict_types=1);

require __DIR__ . '/support/harness.php';

handler();
$id = newId();
store($id, ['a' => 1]);

// A page that only looks does not wait for the page that works.
session_id($id);
session_start();
$reader = new MooringTest\PhpProcess('$h = handler(["read_only" => true]); session_id("' . $id . '"); session_start();'
    . 'equal(["a" => 1], $_SESSION, "data"); session_write_close(); equal([], warnings(), "unchanged is fine");'
    . 'ini_set("session.lazy_write", "0"); session_start(); session_write_close(); equal([], warnings(), "also when not lazy");'
    . 'session_start(); $_SESSION["a"] = 2; session_write_close();'
    . 'contains("Failed to write", implode(" ", warnings()), "a change is refused");'
    . 'contains("read_only", (string) $h->lastError(), "the reason"); finish();');
equal(0, $reader->wait(), 'a read-only visitor is served while another holds the lock');
$_SESSION['a'] = 3;
session_write_close();
equal('a|i:3;', stored($id), 'the holder stores');

// Replacing the id needs storing: the session stays where it is.
handler(['read_only' => true]);
session_id($id);
session_start();
session_regenerate_id(true);
session_write_close();
contains('Failed to write', implode(' ', warnings()), 'PHP warns');
equal('a|i:3;', stored($id), 'the session is still there under the old id');

finish();
