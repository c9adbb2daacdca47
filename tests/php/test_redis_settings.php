<?php

declare(strict_types=1);

require __DIR__ . '/support/redis.php';

use MooringTest\Sessiond;

// Two sites on one node keep apart by their prefixes.
$id = newId();
redisHandler([], ['prefix' => 'shop1:']);
store($id, ['n' => 'one']);
redisHandler([], ['prefix' => 'shop2:']);
session_id($id);
session_start();
equal([], $_SESSION, 'the other site has no such session');
session_write_close();
$client = new Mooring\Client(Mooring\Options::fromArray(['socket' => getenv('MOORING_SOCKET'), 'read_only' => true]));
equal('n|s:3:"one";', $client->open('shop1', $id, null)->data, 'the prefix is the session name for Mooring\'s handler');

// A password.
$file = getenv('MOORING_TEST_DIR') . '/password';
file_put_contents($file, "sesame\n");
$sessiond = (new Sessiond([], "[sessions.redis]\npassword_file = " . json_encode($file, JSON_UNESCAPED_SLASHES) . "\n"))->start();
foreach ([['auth' => 'sesame'], ['auth' => ['any user', 'sesame']], ['auth' => 'sesame', 'persistent' => '1']] as $query) {
    redisHandler(['redis.session.locking_enabled' => '1'], $query, $sessiond->socket);
    store($id, ['n' => 1]);
}
equal([], warnings(), 'no warning with the right password');
foreach ([[], ['auth' => 'wrong']] as $query) {
    redisHandler([], $query, $sessiond->socket);
    session_id($id);
    equal(false, session_start(), 'no session without the right password');
    contains('Failed to read session data', implode("\n", warnings()), 'PHP warns');
}
equal('n|i:1;', stored($id, $sessiond->socket), 'the session stays');

// Another lifetime and another serialiser.
redisHandler(['session.gc_maxlifetime' => '100', 'session.serialize_handler' => 'php_serialize']);
$id = newId();
store($id, ['n' => 1]);
$redis = new Redis();
$redis->connect(getenv('MOORING_SOCKET'));
$key = 'PHPREDIS_SESSION:' . $id;
check(abs($redis->ttl($key) - 100) <= 1, 'expires after gc_maxlifetime');
equal('a:1:{s:1:"n";i:1;}', $redis->get($key), 'stored as it was serialised');
ini_set('session.gc_maxlifetime', '2000');
session_id($id);
session_start();
session_write_close();
check(abs($redis->ttl($key) - 2000) <= 1, 'an unchanged session is extended');
$redis->expire($key, 1);
usleep(2100000); // pause: the session expires
session_id($id);
session_start();
equal([], $_SESSION, 'an expired session is not served');
session_write_close();

finish();
