<?php

declare(strict_types=1);

require __DIR__ . '/support/harness.php';

use MooringTest\PhpProcess;
use MooringTest\Sessiond;

/** A visitor who waits for the session; with it $place requests do. */
function visitor(string $id, string $mark, int $place = 1): PhpProcess
{
    $process = new PhpProcess('handler(); session_id("' . $id . '"); echo "begin\n"; check(session_start(), "start");'
        . '$_SESSION["marks"][] = "' . $mark . '"; session_write_close(); echo "end\n"; finish();');
    equal('begin', $process->line(), 'visitor ' . $mark . ' begins');
    waitForWaiters($place);
    return $process;
}

function holder(string $id, string $options = ''): PhpProcess
{
    $process = new PhpProcess('handler([' . $options . ']); session_id("' . $id . '"); session_start(); $_SESSION["marks"][] = "held";'
        . 'echo "held\n"; fgets(STDIN); session_write_close(); finish();');
    equal('held', $process->line(), 'the first visitor holds the session');
    return $process;
}

handler();

// Visitors of one session are served in the order in which they came, and none loses what another stored.
$id = newId();
$holder = holder($id);
$waiting = [visitor($id, 'first', 1), visitor($id, 'second', 2), visitor($id, 'third', 3)];
$holder->proceed();
equal(0, $holder->wait(), 'the holder stores');
foreach ($waiting as $visitor) {
    equal('end', $visitor->line(), 'each visitor is served');
    equal(0, $visitor->wait(), 'each visitor stores');
}
session_id($id);
session_start();
equal(['held', 'first', 'second', 'third'], $_SESSION['marks'], 'in order, nothing lost');
session_write_close();

// A PHP process that dies frees its lock at once, and what it had not stored is not there.
foreach (['', '"persistent" => false'] as $options) {
    $id = newId();
    $holder = holder($id, $options);
    $visitor = visitor($id, 'next');
    equal(-9, $holder->kill(), 'the holder is killed');
    $elapsed = duration(static function () use ($visitor): void {
        equal('end', $visitor->line(), 'the next visitor is served');
    });
    check($elapsed < 5.0, 'and does not wait for a lease or a time-out');
    equal(0, $visitor->wait(), 'the next visitor stores');
    session_id($id);
    session_start();
    equal(['next'], $_SESSION['marks'], 'only what was stored is there');
    session_write_close();
}

// A visitor who waits too long gets no session, and cannot overwrite one.
$sessiond = (new Sessiond(['lock_wait' => '"500ms"']))->start();
$handler = handler(['socket' => $sessiond->socket]);
$id = newId();
store($id, ['a' => 1]);
$holder = holder($id, '"socket" => "' . $sessiond->socket . '"');
session_id($id);
$elapsed = duration(static function (): void {
    equal(false, session_start(), 'session_start() fails while another holds the lock');
});
check($elapsed >= 0.4 && $elapsed < 15.0, 'after sessions.lock_wait; it took ' . $elapsed);
contains('Failed to read session data', implode("\n", warnings()), 'PHP warns');
contains('busy', (string) $handler->lastError(), 'the reason is noted');
$holder->proceed();
equal(0, $holder->wait(), 'the holder stores nevertheless');
session_id($id);
check(session_start(), 'afterwards it can be opened');
equal(['a' => 1, 'marks' => ['held']], $_SESSION, 'with the data of the holder');
session_write_close();
$sessiond->stop();

// Unless the site prefers to read what it may not change.
$sessiond = (new Sessiond(['lock_wait' => '"500ms"', 'on_lock_timeout' => '"read_only"']))->start();
$handler = handler(['socket' => $sessiond->socket]);
$id = newId();
store($id, ['a' => 1]);
$holder = holder($id, '"socket" => "' . $sessiond->socket . '"');
session_id($id);
$elapsed = duration(static function (): void {
    check(session_start(), 'session_start() works while another holds the lock');
});
check($elapsed >= 0.4 && $elapsed < 15.0, 'after sessions.lock_wait; it took ' . $elapsed);
equal(['a' => 1], $_SESSION, 'with what is stored');
$_SESSION['a'] = 2;
session_write_close();
contains('Failed to write', implode("\n", warnings()), 'a change is refused');
contains('sessions.lock_wait', (string) $handler->lastError(), 'the reason is noted');
$holder->proceed();
equal(0, $holder->wait(), 'the holder stores');
session_id($id);
check(session_start(), 'afterwards it can be opened');
equal(['a' => 1, 'marks' => ['held']], $_SESSION, 'with the data of the holder');
session_write_close();
$sessiond->stop();

finish();
