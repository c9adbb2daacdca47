<?php

/**
 * A page as a careless application writes it: it goes on whatever session_start() says. What PHP said to each step is a
 * line of JSON; before the second step it waits for what to put into the cart, a line on standard input. Which session
 * handler it has, it does not know: that is php.ini's.
 *
 * usage: careless_page.php ID
 */

declare(strict_types=1);

$id = $argv[1];
$warnings = [];
set_error_handler(static function (int $level, string $text) use (&$warnings): bool {
    $warnings[] = $text;
    return true;
});

function step(callable $call): void
{
    global $warnings;
    $warnings = [];
    $thrown = null;
    $returned = null;
    $begin = microtime(true);
    try {
        $returned = $call();
    } catch (Throwable $error) {
        $thrown = get_class($error) . ': ' . $error->getMessage();
    }
    echo json_encode([
        'returned' => $returned,
        'thrown' => $thrown,
        'warnings' => $warnings,
        'seconds' => microtime(true) - $begin,
        'active' => session_status() === PHP_SESSION_ACTIVE,
        'session' => $_SESSION ?? null,
    ]), "\n";
}

session_id($id);
step(static function () {
    return session_start();
});
$cart = rtrim((string) fgets(STDIN), "\n");
if ($cart !== '') {
    $_SESSION['cart'] = $cart;
}
step(static function () {
    return session_write_close();
});
