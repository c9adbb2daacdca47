<?php

declare(strict_types=1);

require __DIR__ . '/support/harness.php';

handler();
$first = newId();
store($first, ['step' => 1]);

session_id($first);
session_start();
$_SESSION['step'] = 2;
check(session_regenerate_id(false), 'a new id, keeping the old session');
$second = (string) session_id();
$_SESSION['step'] = 3;
session_write_close();
equal('step|i:2;', stored($first), 'the old id keeps what was there at that moment');
equal('step|i:3;', stored($second), 'the new id has what came after');

session_start();
check(session_regenerate_id(true), 'a new id, deleting the old session');
$third = (string) session_id();
equal('step|i:3;', stored($second), 'the old session is there until the new one is stored');
$_SESSION['step'] = 4;
session_write_close();
equal(null, stored($second), 'then it is gone');
equal('step|i:4;', stored($third), 'and the new one is there');

// Twice in one request, as a log-in plug-in on top of a shop may do.
session_start();
session_regenerate_id(true);
$between = (string) session_id();
session_regenerate_id(true);
$fourth = (string) session_id();
session_write_close();
equal([null, null, 'step|i:4;'], [stored($third), stored($between), stored($fourth)], 'only the last id is left');

// Given up without being stored: PHP's own handlers have deleted the old session by then.
session_start();
session_regenerate_id(true);
session_abort();
equal(null, stored($fourth), 'session_abort() after session_regenerate_id(true) leaves no session');

store($first, ['step' => 5]);
session_id($first);
session_start();
session_regenerate_id(true);
session_destroy();
equal(null, stored($first), 'session_destroy() after session_regenerate_id(true) leaves no session');

// Every lock is free again.
foreach ([$first, $second, $third, $between, $fourth] as $id) {
    $elapsed = duration(static function () use ($id): void {
        $other = new MooringTest\PhpProcess('handler(); session_id("' . $id . '"); check(session_start(), "start"); finish();');
        equal(0, $other->wait(), 'another process opens each of the ids');
    });
    check($elapsed < 2.0, 'at once');
}

finish();
