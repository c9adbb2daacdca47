<?php

declare(strict_types=1);

require __DIR__ . '/support/harness.php';

use MooringTest\Sessiond;

$sessiond = (new Sessiond())->start();
$handler = handler(['socket' => $sessiond->socket, 'timeout' => 1.0]);
$id = newId();
store($id, ['a' => 1]);

// A sessiond that hangs: PHP is let go after the time limit, with no session.
$sessiond->signal(SIGSTOP);
session_id($id);
$elapsed = duration(static function (): void {
    equal(false, session_start(), 'session_start() fails when no answer comes');
});
check($elapsed > 0.9 && $elapsed < 2.0, 'after the time limit; it took ' . $elapsed);
contains('time limit', (string) $handler->lastError(), 'the reason is noted');
warnings();
$sessiond->signal(SIGCONT);

// The late answer belongs to nobody: it must not be taken for the answer to the next question.
$other = newId();
store($other, ['b' => 2]);
foreach ([[$id, ['a' => 1]], [$other, ['b' => 2]]] as [$each, $data]) {
    session_id($each);
    check(session_start(), 'the session starts again');
    equal($data, $_SESSION, 'each id has its own data');
    session_write_close();
}

// More than fits into the socket's buffers, to a sessiond that hangs.
session_id($id);
session_start();
$_SESSION['big'] = str_repeat('x', 390000);
$sessiond->signal(SIGSTOP);
$elapsed = duration('session_write_close');
check($elapsed > 0.9 && $elapsed < 2.0, 'storing ends after the time limit; it took ' . $elapsed);
contains('Failed to write session data', implode("\n", warnings()), 'PHP warns');
$sessiond->signal(SIGCONT);
$sessiond->stop();

finish();
