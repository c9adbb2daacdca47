<?php

declare(strict_types=1);

require __DIR__ . '/support/harness.php';

/** Runs the code in a forked child; its exit code is the number of failed checks. */
function inChild(callable $code): int
{
    $pid = pcntl_fork();
    if ($pid === 0) {
        $GLOBALS['failures'] = 0;
        $code();
        exit($GLOBALS['failures']);
    }
    pcntl_waitpid($pid, $status);
    return pcntl_wexitstatus($status);
}

handler();
$id = newId();
store($id, ['by' => 'parent']);
session_id($id);
session_start();
$_SESSION['by'] = 'parent again';

$failed = inChild(static function (): void {
    $_SESSION['by'] = 'child';
    session_write_close();
    contains('Failed to write session data', implode("\n", warnings()), 'a child cannot store the session of its parent');
});
equal(0, $failed, 'the child sees that');
equal('by|s:6:"parent";', stored($id), 'nothing was stored by the child');

// The child's end must not free the parent's lock.
$visitor = new MooringTest\PhpProcess('handler(); session_id("' . $id . '"); session_start(); echo $_SESSION["by"], "\n";'
    . '$_SESSION["by"] = "visitor"; finish();');
waitForWaiters(1);
equal('by|s:6:"parent";', stored($id), 'another visitor still waits for the parent');
session_write_close();
equal([], warnings(), 'the parent stores as if nothing had happened');
equal('parent again', $visitor->line(), 'the visitor comes after the parent');
equal(0, $visitor->wait(), 'and stores');

// A child that uses sessions has a stream of its own.
session_start();
$own = newId();
$failed = inChild(static function () use ($own): void {
    session_abort();
    store($own, ['by' => 'child']);
    equal([], warnings(), 'no warning');
});
equal(0, $failed, 'the child stores a session of its own');
equal('by|s:5:"child";', stored($own), 'it is there');
$failed = inChild(static function () use ($own): void {
    session_abort();
    session_id($own);
    session_start();
    posix_kill(posix_getpid(), SIGKILL);
});
$elapsed = duration(static function () use ($own): void {
    $other = new MooringTest\PhpProcess('handler(); session_id("' . $own . '"); check(session_start(), "start"); finish();');
    equal(0, $other->wait(), 'another process opens the session in which the child was killed');
});
check($elapsed < 2.0, 'at once: the lock went with the child');
$_SESSION['by'] = 'parent, last';
session_write_close();
equal('by|s:12:"parent, last";', stored($id), 'and the parent has not been disturbed');

// An unchanged session that is closed in a child is the parent's to keep alive.
session_start();
equal(0, inChild(static function (): void {
    session_write_close();
    equal([], warnings(), 'no warning about an unchanged session');
}), 'the child closes quietly');
session_write_close();

finish();
