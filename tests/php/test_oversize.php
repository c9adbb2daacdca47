<?php

declare(strict_types=1);

require __DIR__ . '/support/harness.php';

$handler = handler();
$id = newId();
store($id, ['cart' => 'small']);

foreach ([409600, 1500000, 20000000] as $size) {
    session_id($id);
    check(session_start(), 'the session starts');
    $_SESSION['big'] = random_bytes($size);
    session_write_close();
    contains('Failed to write session data', implode("\n", warnings()), 'PHP warns about ' . $size . ' bytes');
    contains('over the limit', (string) $handler->lastError(), 'the reason is noted');
    equal('cart|s:5:"small";', stored($id), 'the old data is kept');
}

// Refused under a new id: the session stays where it was.
session_id($id);
session_start();
session_regenerate_id(true);
$renewed = (string) session_id();
$_SESSION['big'] = random_bytes(409600);
session_write_close();
contains('Failed to write session data', implode("\n", warnings()), 'PHP warns');
equal('cart|s:5:"small";', stored($id), 'the session is still there under the old id');
equal(null, stored($renewed), 'and not under the new one');

$elapsed = duration(static function () use ($id): void {
    $other = new MooringTest\PhpProcess('handler(); session_id("' . $id . '"); check(session_start(), "start"); finish();');
    equal(0, $other->wait(), 'another process opens the session');
});
check($elapsed < 2.0, 'at once: the lock was released');

finish();
