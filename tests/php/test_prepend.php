<?php

declare(strict_types=1);

require __DIR__ . '/support/harness.php';

/** Runs a script under prepend.php and returns [exit code, output]. */
function site(string $code, array $environment, array $settings = []): array
{
    $script = getenv('MOORING_TEST_DIR') . '/' . bin2hex(random_bytes(4)) . '.php';
    file_put_contents($script, '<?php ' . $code);
    $settings += [
        'auto_prepend_file' => dirname(__DIR__, 2) . '/php-shim/prepend.php',
        'session.use_cookies' => '0',
        'session.cache_limiter' => '',
        'display_errors' => 'stdout',
        'error_log' => (string) ini_get('error_log'),
    ];
    $command = [PHP_BINARY];
    foreach ($settings as $name => $value) {
        array_push($command, '-d', $name . '=' . $value);
    }
    $command[] = $script;
    $process = proc_open($command, [1 => ['pipe', 'w']], $pipes, null, $environment + getenv());
    $output = stream_get_contents($pipes[1]);
    return [proc_close($process), $output];
}

$id = newId();
$code = 'session_id("' . $id . '"); session_start(); $_SESSION["n"] = ($_SESSION["n"] ?? 0) + 1; session_write_close(); echo $_SESSION["n"];';
equal([0, '1'], site($code, []), 'a site that knows nothing of Mooring stores its session');
equal([0, '2'], site($code, []), 'and gets it back');
equal('n|i:2;', stored($id), 'from sessiond');

equal([0, '3'], site($code, ['MOORING_SOCKET' => ''], ['mooring.socket' => (string) getenv('MOORING_SOCKET')]), 'php.ini names the socket');

equal([0, '4'], site($code . 'echo count(array_diff(array_keys(get_defined_vars()), '
    . '["_GET","_POST","_COOKIE","_FILES","_SERVER","_ENV","_REQUEST","_SESSION","argv","argc"])) ?: "";', []), 'no global variable is added');

[$exit, $output] = site($code, ['MOORING_TIMEOUT' => 'long']);
equal(255, $exit, 'a setting that makes no sense stops the site at once');
contains("mooring: option \"timeout\" is 'long'; give a number of seconds", $output, 'and the message names it');

// A site that brings the classes by Composer as well.
$autoload = 'spl_autoload_register(function ($c) { require "' . dirname(__DIR__, 2) . '/php-shim/src/" . basename(strtr($c, "\\\\", "/")) . ".php"; });';
equal([0, '5'], site($autoload . 'new Mooring\SessionHandler(["socket" => getenv("MOORING_SOCKET")]);' . $code, []), 'Composer does no harm');

[$exit, $output] = site($code, [], ['session.upload_progress.enabled' => '1']);
if ($exit === 0) {
    equal('6', $output, 'before the versions that refuse a handler, progress of uploads does no harm');
} else {
    contains('set session.upload_progress.enabled = Off in php.ini', $output, 'and a PHP that refuses is told of with the remedy');
    equal([0, '6'], site($code, [], ['session.upload_progress.enabled' => '0']), 'which helps');
}

$confined = 'ini_set("open_basedir", ' . var_export(getenv('MOORING_TEST_DIR'), true) . ');';
equal([0, '7'], site($confined . $code, []), 'a site that confines itself to its folder keeps its session');
[$exit, $output] = site($confined . $code, ['MOORING_SOCKET' => '/nonexistent', 'MOORING_CONNECT_TIMEOUT' => '0.1']);
contains('Failed to read session data: user', $output, 'and is told of an outage in the usual way');

finish();
