<?php

declare(strict_types=1);

require_once __DIR__ . '/harness.php';

/** Sessions by the stock extension php-redis over sessiond's socket, configured as in php.ini. */
function redisHandler(array $settings = [], array $query = [], ?string $socket = null): void
{
    $query += ['timeout' => '1', 'read_timeout' => '20'];
    $path = 'unix://' . ($socket ?? getenv('MOORING_SOCKET')) . '?' . http_build_query($query);
    $settings += [
        'session.save_handler' => 'redis',
        'session.save_path' => $path,
        'session.use_strict_mode' => '0',
        'redis.session.locking_enabled' => '0',
        'redis.session.lock_expire' => '30',
    ];
    foreach ($settings as $name => $value) {
        if (ini_set($name, $value) === false) {
            throw new RuntimeException('php does not take ' . $name);
        }
    }
}

/** The same for the code of another process. */
function redisHandlerCode(array $settings = [], array $query = [], ?string $socket = null): string
{
    return 'require ' . var_export(__FILE__, true) . '; redisHandler(' . var_export($settings, true) . ', '
        . var_export($query, true) . ', ' . var_export($socket, true) . ');';
}

/** What a site may set: each is a way to use the same sessions. */
function redisVariants(): array
{
    $variants = [];
    foreach (['0', '1'] as $locking) {
        foreach ([[], ['persistent' => '1'], ['persistent' => '1', 'database' => '3', 'auth' => 'any']] as $query) {
            $variants[] = [['redis.session.locking_enabled' => $locking], $query];
        }
    }
    return $variants;
}
