<?php

declare(strict_types=1);

require __DIR__ . '/support/harness.php';

$handler = handler();
check(session_start(), 'a new session starts');
$id = (string) session_id();
equal([], $_SESSION, 'a new session is empty');
$_SESSION = ['cart' => ['rope' => 2], 'user' => 'Ada', 'nested' => [1, [2, null, 3.5, true]]];
check(session_write_close(), 'it is stored');

check(session_start(), 'it starts again');
equal($id, session_id(), 'the id is the same');
equal(['cart' => ['rope' => 2], 'user' => 'Ada', 'nested' => [1, [2, null, 3.5, true]]], $_SESSION, 'the contents are back');
$_SESSION = [];
session_write_close();
session_start();
equal([], $_SESSION, 'an emptied session is stored as empty');
session_write_close();

// A visitor who never gets any data leaves nothing behind.
$unused = newId();
session_id($unused);
session_start();
session_write_close();
equal(null, stored($unused), 'an empty new session stores nothing');

// What another process stores is seen, and the other way round.
store($id, ['count' => 1]);
$other = new MooringTest\PhpProcess('handler(); session_id("' . $id . '"); session_start(); $_SESSION["count"]++;'
    . 'session_write_close(); finish();');
equal(0, $other->wait(), 'another process opens and stores the same session');
session_start();
equal(['count' => 2], $_SESSION, 'its change is seen');
session_write_close();

// The session's name is part of its key.
session_name('OTHER');
session_id($id);
session_start();
equal([], $_SESSION, 'the same id under another session name is another session');
session_write_close();

equal(null, $handler->lastError(), 'no error was noted');
equal(0, $handler->gc(1), 'gc() has nothing to do');


finish();
