<?php

declare(strict_types=1);

require __DIR__ . '/support/harness.php';

use MooringTest\PhpProcess;

handler();

/** Runs a request that ends badly, then looks at what it left. */
function after(string $code, string $what): array
{
    $id = newId();
    store($id, ['a' => 1]);
    $request = new PhpProcess('restore_error_handler(); ini_set("display_errors", "0"); handler(); session_id("' . $id . '");'
        . 'session_start(); $_SESSION["a"] = 2; ' . $code, ['memory_limit' => '32M']);
    equal(255, $request->wait(), $what . ' ends the request');
    $elapsed = duration(static function () use ($id): void {
        session_id($id);
        check(session_start(), 'the session can be opened');
    });
    check($elapsed < 1.0, 'at once after ' . $what);
    $data = $_SESSION;
    session_write_close();
    return $data;
}

// PHP stores the session when a script dies, and the lock goes with it.
equal(['a' => 2], after('throw new Exception("not caught");', 'an exception'), 'stored as PHP does');
equal(['a' => 2], after('undefined_function();', 'a fatal error'), 'stored as PHP does');
after('$hog = []; for (;;) { $hog[] = str_repeat("x", 1000); }', 'exhausted memory');

// An object in the session that cannot be woken up: PHP does not call close(), the handler frees the lock by itself.
final class Sleeper
{
    public function __wakeup(): void
    {
        throw new DomainException('not now');
    }
}

$id = newId();
store($id, ['sleeper' => new Sleeper()]);
session_id($id);
try {
    session_start();
    check(false, 'the exception gets out of session_start()');
} catch (DomainException $error) {
    equal('not now', $error->getMessage(), 'the exception is the object\'s own');
}
warnings();
session_abort();
$next = newId();
session_id($next);
check(session_start(), 'the request can go on with another session');
$elapsed = duration(static function () use ($id): void {
    $other = new PhpProcess('$h = handler(); $h->open("", session_name()); check($h->read("' . $id . '") !== false, "read"); finish();');
    equal(0, $other->wait(), 'another process reads the first session');
});
check($elapsed < 2.0, 'at once');
session_write_close();

// A handler that goes out of scope leaves no lock.
$third = newId();
$handler = new Mooring\SessionHandler(['socket' => getenv('MOORING_SOCKET')]);
$handler->open('', session_name());
$handler->read($third);
unset($handler);
$elapsed = duration(static function () use ($third): void {
    $other = new PhpProcess('handler(); session_id("' . $third . '"); check(session_start(), "start"); finish();');
    equal(0, $other->wait(), 'another process opens the session');
});
check($elapsed < 2.0, 'at once');

finish();
