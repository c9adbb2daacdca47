<?php

declare(strict_types=1);

require __DIR__ . '/support/harness.php';

use MooringTest\Sessiond;
use MooringTest\WebServer;

$sessiond = (new Sessiond())->start();
$web = new WebServer(__DIR__ . '/support/site.php', [
    'MOORING_SOCKET' => $sessiond->socket,
    'MOORING_CONNECT_TIMEOUT' => '0.2',
]);
$name = session_name();

$id = $web->get(['do' => 'visit'])['id'];
check(count($web->cookies) === 1 && strpos($web->cookies[0], "$name=$id") === 0, 'a new visitor gets a cookie');
equal(['started' => true, 'id' => $id, 'visits' => 2], $web->get(['do' => 'visit'], "$name=$id"), 'and is known by it');
equal([], $web->cookies, 'without being given another');

// An outage must not replace the visitor's cookie: the session behind it is still there. Strict mode asks the store
// whether the id is known, and "cannot tell" is not "no".
$sessiond->kill();
foreach ([[], ['renew' => 1]] as $how) {
    $answer = $web->get(['do' => 'visit'] + $how, "$name=$id");
    equal(false, $answer['started'], 'no session while sessiond is down');
    equal([], $web->cookies, 'and no other cookie');
}
$sessiond->start();
equal(['started' => true, 'id' => $id, 'visits' => 3], $web->get(['do' => 'visit'], "$name=$id"), 'afterwards all is as before');

// Ids that cannot be, and ids that are not known.
foreach (['../../etc/passwd', str_repeat('a', 3000), newId()] as $unknown) {
    $answer = $web->get(['do' => 'visit'], $name . '=' . rawurlencode($unknown));
    equal([true, 1], [$answer['started'], $answer['visits']], 'a visitor with such a cookie begins anew');
    check($answer['id'] !== $unknown, 'under another id');
    equal(1, count($web->cookies), 'and gets its cookie');
}

$renewed = $web->get(['do' => 'visit', 'renew' => 1], "$name=$id");
check($renewed['started'] && $renewed['id'] !== $id && $renewed['visits'] === 4, 'a new id with the old contents');
check(strpos(implode('', $web->cookies), "$name=" . $renewed['id']) !== false, 'and its cookie');
equal(1, $web->get(['do' => 'visit'], "$name=$id")['visits'], 'the old id is worth nothing');
equal(5, $web->get(['do' => 'visit'], "$name=" . $renewed['id'])['visits'], 'the new one goes on');
$web->stop();
$sessiond->stop();

finish();
