<?php

declare(strict_types=1);

require __DIR__ . '/support/redis.php';

use MooringTest\PhpProcess;

foreach (redisVariants() as [$settings, $query]) {
    $settings['session.use_strict_mode'] = '1';
    $name = json_encode([$settings, $query]);
    redisHandler($settings, $query);
    $planted = newId();
    session_id($planted);
    check(session_start(), 'a session starts ' . $name);
    $id = (string) session_id();
    check($id !== $planted, 'an id that the store does not know is replaced ' . $name);
    $_SESSION['n'] = 1;
    session_write_close();
    equal([null, 'n|i:1;'], [stored($planted), stored($id)], 'only the new id is stored ' . $name);

    $next = new PhpProcess(redisHandlerCode($settings, $query) . 'session_id("' . $id . '"); session_start();'
        . 'equal("' . $id . '", session_id(), "a known id stays"); $_SESSION["n"]++; finish();');
    equal(0, $next->wait(), 'the next request ' . $name);
    equal('n|i:2;', stored($id), 'its change is stored at the end of the script ' . $name);

    session_id($id);
    session_start();
    check(session_regenerate_id(true), 'regenerated ' . $name);
    $renewed = (string) session_id();
    session_write_close();
    session_id($id);
    session_start();
    check(session_id() !== $id, 'the id that was given up is not accepted any more ' . $name);
    session_abort();
    session_id($renewed);
    session_start();
    equal([$renewed, 2], [session_id(), $_SESSION['n'] ?? null], 'the new one is ' . $name);
    session_write_close();
    equal([], warnings(), 'no warning ' . $name);
}

finish();
