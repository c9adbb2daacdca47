<?php

declare(strict_types=1);

require __DIR__ . '/support/harness.php';

use MooringTest\Sessiond;
use MooringTest\WebServer;

$sessiond = (new Sessiond())->start();
$web = new WebServer(__DIR__ . '/support/site.php', ['MOORING_SOCKET' => $sessiond->socket], [
    'session.use_cookies' => '0',
    'session.use_only_cookies' => '0',
    'session.use_strict_mode' => '0',
    'memory_limit' => '32M',
]);
$handler = handler(['socket' => $sessiond->socket]);

$count = static fn (string $id): array => (array) $web->get(['do' => 'count', 'id' => $id]);
$id = newId();
for ($visit = 1; $visit <= 3; $visit++) {
    equal(['started' => true, 'data' => ['count' => $visit], 'error' => null], $count($id), 'visit ' . $visit);
}

// A lock that a request has left on the worker's stream is freed by the worker's next request, whatever it asks for.
equal(['read' => 'count|i:3;'], $web->get(['do' => 'leave a lock', 'id' => $id]), 'a request ends with a lock held');
equal(1, $count(newId())['data']['count'] ?? null, 'the worker serves another visitor');
$elapsed = duration(static function () use ($id): void {
    session_id($id);
    check(session_start(), 'the session can be opened by another process');
    session_write_close();
});
check($elapsed < 1.0, 'at once; it took ' . $elapsed);

// An answer that nobody has read is another visitor's session: it must reach no one.
$secret = newId();
store($secret, ['secret' => 'of somebody else']);
foreach ([['wait' => 1], []] as $wait) {
    $left = $web->get(['do' => 'leave an answer', 'id' => $secret] + $wait);
    equal(true, $left['reused'] ?? null, 'the stream is the worker\'s persistent one');
    $fresh = newId();
    equal(['started' => true, 'data' => ['count' => 1], 'error' => null], $count($fresh), 'the next visitor has a session of his own');
    equal('count|i:1;', stored($fresh, $sessiond->socket), 'which is stored');
    equal('secret|s:16:"of somebody else";', stored($secret, $sessiond->socket), 'the other one is as it was');
}

// exit in the middle of a page stores and unlocks.
equal(['exit' => true], $web->get(['do' => 'exit while starting', 'id' => $secret]), 'a request ends by exit');
contains('by exit', (string) stored($secret, $sessiond->socket), 'its session is stored');

// Nor does a page that dies of its memory limit keep the lock, although the worker's stream stays.
$web->get(['do' => 'exhaust memory', 'id' => $secret]);
contains('Allowed memory size', (string) file_get_contents(getenv('MOORING_TEST_DIR') . '/web.log'), 'memory is exhausted');
$elapsed = duration(static function () use ($secret): void {
    session_id($secret);
    check(session_start(), 'its session can be opened');
    contains('exit', json_encode($_SESSION), 'with the data');
    session_write_close();
});
check($elapsed < 1.0, 'at once');

// A stream that died while the worker was idle.
foreach (['stop', 'kill'] as $way) {
    $before = $count($id)['data']['count'];
    $sessiond->$way();
    $sessiond->start();
    equal(['started' => true, 'data' => ['count' => $before + 1], 'error' => null], $count($id), 'the worker goes on after ' . $way);
}

// A short restart is waited for.
$sessiond->stop();
$late = new MooringTest\PhpProcess('handler(["socket" => "' . $sessiond->socket . '", "connect_timeout" => 5]); session_id("' . $id . '");'
    . 'echo "begin\n"; check(session_start(), "start"); equal(' . ($before + 1) . ', $_SESSION["count"], "count"); finish();');
equal('begin', $late->line(), 'a request begins while sessiond is down');
usleep(400000); // pause: sessiond is down for a moment
$sessiond->start();
equal(0, $late->wait(), 'the request is served when sessiond is back');
$web->stop();
$sessiond->stop();

finish();
