<?php

/**
 * Opens a session, changes it and stores it, over and over, as one PHP worker does: for SECONDS, on the session ID.
 *
 *     php -d session.save_handler=... session_worker.php ID SECONDS BYTES [prepend.php]
 *
 * Says "ready", waits for a line, then prints how long each cycle took in nanoseconds, one per line. Ends with code 1
 * when a session does not come back as it was stored: a store that forgets is not a fast one.
 */

declare(strict_types=1);

const WARM_UP = 50;

/** One page view; the time in nanoseconds from session_start() to the end of session_write_close(). */
function view(string $id, int $number, string $content): int
{
    session_id($id);
    $begin = hrtime(true);
    $opened = session_start();
    $found = $_SESSION['views'] ?? 0;
    $_SESSION['views'] = $number;
    $_SESSION['content'] = $content;
    $stored = session_write_close();
    $taken = hrtime(true) - $begin;
    if (!$opened || !$stored || $found !== $number - 1) {
        fwrite(STDERR, "view $number found " . var_export($found, true) . "\n");
        exit(1);
    }
    return $taken;
}

[, $id, $seconds, $bytes] = $argv;
if (isset($argv[4])) {
    require $argv[4];
}
$content = substr(str_repeat(sha1($id) . ' ', (int) ($bytes / 41) + 1), 0, (int) $bytes);
for ($number = 1; $number <= WARM_UP; ++$number) {
    view($id, $number, $content);
}
fwrite(STDOUT, "ready\n");
fgets(STDIN);
$taken = [];
for ($end = hrtime(true) + (int) ($seconds * 1e9); hrtime(true) < $end; ++$number) {
    $taken[] = view($id, $number, $content);
}
fwrite(STDOUT, implode("\n", $taken) . "\n");
