<?php

declare(strict_types=1);

require __DIR__ . '/support/harness.php';

handler();
[$one, $two] = [newId(), newId()];

for ($round = 1; $round <= 3; $round++) {
    foreach ([$one, $two] as $id) {
        session_id($id);
        check(session_start(), 'the session starts');
        $_SESSION['rounds'] = ($_SESSION['rounds'] ?? 0) + 1;
        equal($round, $_SESSION['rounds'], 'each has its own contents');
        session_write_close();
    }
}

// Two handler objects in one request share the stream, not the sessions.
session_id($one);
session_start();
$second = handlerObject();
$second->open('', session_name());
equal('rounds|i:3;', $second->read($two), 'a second handler reads another session while the first one is open');
$visitor = new MooringTest\PhpProcess('handler(); session_id("' . $one . '"); session_start();'
    . 'equal(4, $_SESSION["rounds"], "the visitor comes after the first session is stored"); finish();');
waitForWaiters(1);
check($second->write($two, 'rounds|i:9;'), 'and stores it');
$second->close();
$_SESSION['rounds'] = 4;
session_write_close();
equal('rounds|i:4;', stored($one), 'the first session is stored');
equal(0, $visitor->wait(), 'its lock was not lost to the second handler');
equal('rounds|i:9;', stored($two), 'so is the second');

// A session that was left open without being closed is unlocked when the handler goes on to another one.
$second->open('', session_name());
$second->read($one);
$second->open('', session_name());
$second->read($two);
$elapsed = duration(static function () use ($one): void {
    $other = new MooringTest\PhpProcess('handler(); session_id("' . $one . '"); check(session_start(), "start"); finish();');
    equal(0, $other->wait(), 'another process opens the session that was left');
});
check($elapsed < 2.0, 'at once');
$second->close();

function handlerObject(): Mooring\SessionHandler
{
    return new Mooring\SessionHandler(['socket' => getenv('MOORING_SOCKET')]);
}

finish();
