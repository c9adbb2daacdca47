<?php

declare(strict_types=1);

require __DIR__ . '/support/redis.php';

use MooringTest\Sessiond;

function noSession(string $what): void
{
    $elapsed = duration(static function () use ($what): void {
        try {
            equal(false, session_start(), 'session_start() fails: ' . $what);
        } catch (Throwable $thrown) {
            check(false, 'no exception: ' . $what . '; ' . $thrown->getMessage());
        }
    });
    check($elapsed < 3.0, 'soon: ' . $what . '; it took ' . $elapsed);
    equal(PHP_SESSION_NONE, session_status(), 'no session is active: ' . $what);
    contains('Failed to read session data', implode("\n", warnings()), 'PHP warns: ' . $what);
}

// The store behind sessiond cannot be reached: no session, no exception, no endless wait for a lock.
putenv('AWS_ACCESS_KEY_ID=AKIAEXAMPLEEXAMPLE00');
putenv('AWS_SECRET_ACCESS_KEY=not-used');
$sessiond = new Sessiond(['store' => '"dynamodb"', 'deadline' => '"500ms"'],
    "[dynamodb]\nendpoints = { us-east-1 = \"http://127.0.0.1:1\" }\n");
$sessiond->start();
foreach (['0', '1'] as $strict) {
    foreach (redisVariants() as [$settings, $query]) {
        redisHandler($settings + ['session.use_strict_mode' => $strict], $query, $sessiond->socket);
        session_id(newId());
        noSession('a known id, ' . json_encode([$strict, $settings, $query]));
        session_id('');
        noSession('no id, ' . json_encode([$strict, $settings, $query]));
    }
}
$sessiond->stop();

// sessiond itself is down.
$sessiond = (new Sessiond())->start();
$id = newId();
redisHandler([], [], $sessiond->socket);
store($id, ['cart' => 'full']);
$sessiond->kill();
session_id($id);
noSession('sessiond is down');
$sessiond->start();

// Restarted between reading and storing: php-redis connects again.
session_id($id);
session_start();
$_SESSION['cart'] = 'fuller';
$sessiond->stop();
$sessiond->start();
session_write_close();
equal([], warnings(), 'no warning after a restart');
contains('fuller', (string) stored($id, $sessiond->socket), 'stored although sessiond was restarted');

// With locking, the lock is lost with the daemon: refused, and said so.
redisHandler(['redis.session.locking_enabled' => '1'], [], $sessiond->socket);
session_id($id);
session_start();
$_SESSION['cart'] = 'without lock';
$sessiond->kill();
$sessiond->start();
session_write_close();
contains('Failed to write session data', implode("\n", warnings()), 'PHP warns');
contains('fuller', (string) stored($id, $sessiond->socket), 'what was stored stays');
$sessiond->stop();

finish();
