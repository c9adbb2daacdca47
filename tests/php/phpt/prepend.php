<?php

declare(strict_types=1);

/** Runs before each of php-src's tests and puts the handler that PHPT_HANDLER names in the place of PHP's own. */
(static function (): void {
    // run-tests.php asks php-cgi -q whether to skip a test: headers count as sent there, so no session can be had.
    if (headers_sent()) {
        return;
    }
    // session.auto_start comes before any prepended file: give back what PHP has opened, and start again below.
    $started = session_status() === PHP_SESSION_ACTIVE;
    if ($started) {
        session_abort();
    }
    if (getenv('PHPT_HANDLER') === 'mooring') {
        require __DIR__ . '/php-shim/prepend.php';
    } else {
        require __DIR__ . '/ReferenceHandler.php';
        session_set_save_handler(new MooringPhpt\ReferenceHandler((string) getenv('PHPT_SESSIONS')), true);
    }
    if ($started) {
        session_start();
    }
})();
