<?php

/**
 * Puts sessions into mooring-sessiond for a site whose code cannot change:
 *
 *     auto_prepend_file = /usr/share/mooring/php-shim/prepend.php
 *
 * Settings come from MOORING_SOCKET, MOORING_CONNECT_TIMEOUT, MOORING_TIMEOUT, MOORING_TTL, MOORING_READ_ONLY and
 * MOORING_PERSISTENT in the environment (php-fpm: env[...]; nginx: fastcgi_param), or mooring.socket etc. in php.ini.
 */

declare(strict_types=1);

(static function (): void {
    spl_autoload_register(static function (string $class): void {
        if (strncmp($class, 'Mooring\\', 8) === 0) {
            $file = __DIR__ . '/src/' . strtr(substr($class, 8), '\\', '/') . '.php';
            if (is_file($file)) {
                require $file;
            }
        }
    });
    Mooring\SessionHandler::register(Mooring\Options::environment());
    // The others too: later on the site's own open_basedir may keep them out of reach.
    foreach (['OpenedSession', 'SessionId', 'ErrorReply', 'ConnectionError'] as $class) {
        class_exists('Mooring\\' . $class);
    }
})();
