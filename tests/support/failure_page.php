<?php

/**
 * A page as a careless application writes it: it goes on whatever session_start() says. It prints what PHP said to each
 * step as one line of JSON, and waits for a line on standard input between the two.
 *
 * usage: failure_page.php '{"handler": "class" | "redis", "locking": "0", "socket": ..., "id": ..., "cart": ...}'
 */

declare(strict_types=1);

require dirname(__DIR__, 2) . '/php-shim/src/Autoload.php';
