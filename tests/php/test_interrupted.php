<?php

declare(strict_types=1);

require __DIR__ . '/support/harness.php';

use MooringTest\PhpProcess;
use MooringTest\Sessiond;

// A signal handler that throws while a command is under way: the answer that comes later must not be taken for
// the answer to the next command.
$sessiond = (new Sessiond())->start();
handler(['socket' => $sessiond->socket]);
[$first, $second] = [newId(), newId()];
store($second, ['of' => 'second']);
session_id($first);
session_start();
$_SESSION['big'] = str_repeat('x', 390000);

pcntl_async_signals(true);
pcntl_signal(SIGALRM, static function (): void {
    throw new DomainException('time is up');
});
$sessiond->signal(SIGSTOP);
$waker = new PhpProcess('usleep(1500000); posix_kill(' . $sessiond->pid() . ', SIGCONT);'); // pause: until after the alarm
pcntl_alarm(1);
try {
    session_write_close();
    check(false, 'the exception gets out of session_write_close()');
} catch (DomainException $error) {
    equal('time is up', $error->getMessage(), 'the exception is the one of the signal handler');
}
equal(0, $waker->wait(), 'sessiond goes on');

session_id($second);
check(session_start(), 'another session starts');
equal(['of' => 'second'], $_SESSION, 'with its own data');
session_write_close();
session_id($first);
check(session_start(), 'the interrupted one as well');
check($_SESSION === [] || strlen($_SESSION['big']) === 390000, 'with all or nothing of what was sent');
session_write_close();
$sessiond->stop();

finish();
