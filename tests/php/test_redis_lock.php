<?php

declare(strict_types=1);

require __DIR__ . '/support/redis.php';

use MooringTest\PhpProcess;
use MooringTest\Sessiond;

const LOCKING = ['redis.session.locking_enabled' => '1'];

/** A visitor; with it $waiters requests wait for a lock, unless that is null. */
function visitor(string $id, string $mark, array $query, ?int $waiters, ?string $socket = null): PhpProcess
{
    $process = new PhpProcess(redisHandlerCode(LOCKING, $query, $socket) . 'session_id("' . $id . '"); echo "begin\n";'
        . 'check(session_start(), "start"); $_SESSION["marks"][] = "' . $mark . '"; session_write_close();'
        . 'echo "end\n"; finish();');
    equal('begin', $process->line(), 'visitor ' . $mark . ' begins');
    if ($waiters !== null) {
        waitForWaiters($waiters, $socket);
    }
    return $process;
}

function holder(string $id, array $query = [], ?string $socket = null, array $settings = []): PhpProcess
{
    $process = new PhpProcess(redisHandlerCode(LOCKING + $settings, $query, $socket) . 'session_id("' . $id . '");'
        . 'session_start(); $_SESSION["marks"][] = "held"; echo "held\n"; fgets(STDIN); session_write_close(); finish();');
    equal('held', $process->line(), 'the first visitor holds the session');
    return $process;
}

function marks(string $id): array
{
    session_id($id);
    session_start(['read_and_close' => true]);
    return $_SESSION['marks'] ?? [];
}

redisHandler();
foreach ([[], ['persistent' => '1']] as $query) {
    // Served in the order in which they came; with php-redis's own waiting, 20 ms, none of them would get its turn.
    $id = newId();
    $holder = holder($id, $query);
    $waiting = [visitor($id, 'first', $query, 1), visitor($id, 'second', $query, 2), visitor($id, 'third', $query, 3)];
    $holder->proceed();
    equal(0, $holder->wait(), 'the holder stores');
    foreach ($waiting as $visitor) {
        equal('end', $visitor->line(), 'each visitor is served');
        equal(0, $visitor->wait(), 'each visitor stores');
    }
    equal(['held', 'first', 'second', 'third'], marks($id), 'in order, nothing lost');

    // kill -9 frees the lock at once, and not when it expires after 30 s.
    $id = newId();
    $holder = holder($id, $query);
    $visitor = visitor($id, 'next', $query, 1);
    equal(-9, $holder->kill(), 'the holder is killed');
    $elapsed = duration(static function () use ($visitor): void {
        equal('end', $visitor->line(), 'the next visitor is served');
    });
    check($elapsed < 1.0, 'at once; it took ' . $elapsed);
    equal(0, $visitor->wait(), 'the next visitor stores');
    equal(['next'], marks($id), 'only what was stored is there');
}

// Both handlers wait for each other.
$id = newId();
$holder = holder($id);
$native = new PhpProcess('handler(); session_id("' . $id . '"); echo "begin\n"; session_start();'
    . '$_SESSION["marks"][] = "native"; finish();');
$native->line();
waitForWaiters(1);
$holder->proceed();
equal([0, 0], [$holder->wait(), $native->wait()], 'both store');
equal(['held', 'native'], marks($id), 'nothing lost');

// Who waits too long reads, and cannot overwrite (php-redis 5.3.7; version 6 fails in session_start()).
$sessiond = (new Sessiond(['lock_wait' => '"500ms"']))->start();
$id = newId();
$holder = holder($id, [], $sessiond->socket);
redisHandler(LOCKING, [], $sessiond->socket);
session_id($id);
$elapsed = duration(static function (): void {
    check(session_start(), 'session_start() gives up the lock');
});
check($elapsed >= 0.4 && $elapsed < 2.0, 'after sessions.lock_wait, whatever lock_retries says; it took ' . $elapsed);
contains('session lock was not successful', implode("\n", warnings()), 'PHP says so');
$_SESSION['marks'][] = 'without the lock';
session_write_close();
contains('Failed to write session data', implode("\n", warnings()), 'it cannot store');
$holder->proceed();
equal(0, $holder->wait(), 'the holder stores');
equal('marks|a:1:{i:0;s:4:"held";}', stored($id, $sessiond->socket), 'nothing was overwritten');

// A lock that has expired under a slow request: the request after it is not overwritten.
$id = newId();
$slow = holder($id, [], $sessiond->socket, ['redis.session.lock_expire' => '1']);
sleep(1); // pause: the lock expires
$visitor = visitor($id, 'after expiry', [], null, $sessiond->socket);
equal('end', $visitor->line(), 'the next visitor is served');
equal(0, $visitor->wait(), 'and stores');
$slow->proceed();
check($slow->wait() !== 0, 'the slow one is told that it lost its lock');
contains('after expiry', (string) stored($id, $sessiond->socket), 'and has overwritten nothing');

// Without locks: of two requests that have read the same, the second is refused.
$id = newId();
redisHandler([], [], $sessiond->socket);
store($id, ['n' => 1]);
session_id($id);
session_start();
$_SESSION['n'] = 'older';
$other = new PhpProcess(redisHandlerCode([], [], $sessiond->socket) . 'session_id("' . $id . '"); session_start();'
    . '$_SESSION["n"] = "newer"; finish();');
equal(0, $other->wait(), 'another request stores');
session_write_close();
contains('Failed to write session data', implode("\n", warnings()), 'PHP warns');
contains('newer', (string) stored($id, $sessiond->socket), 'the newer data stays');
$sessiond->stop();

finish();
