<?php

declare(strict_types=1);

/** What the page tells about the node that served it. */
final class Node
{
    /** @return array<string, string> */
    public static function facts(string $sessionId): array
    {
        return [
            'Session' => substr(hash('sha256', $sessionId), 0, 12) . ' (hash of its id)',
            'Kept in' => self::store(),
            'Node' => (string) gethostname() . ', PHP worker ' . getmypid(),
            'Region' => (string) ($_SERVER['DYNAMODB_REGION'] ?? 'not published'),
        ];
    }

    /** Asks sessiond itself: INFO has a line "store:...". */
    private static function store(): string
    {
        $socket = (string) getenv('MOORING_SOCKET');
        $stream = @stream_socket_client('unix://' . $socket, $code, $text, 0.2);
        if ($stream === false) {
            return 'unknown: sessiond does not answer';
        }
        stream_set_timeout($stream, 0, 200000);
        fwrite($stream, "*1\r\n\$4\r\nINFO\r\n*1\r\n\$4\r\nQUIT\r\n");
        $info = (string) stream_get_contents($stream, 16384);
        fclose($stream);
        return preg_match('/^store:(\S+)/m', $info, $found) === 1 ? 'sessiond, store ' . $found[1] : 'sessiond';
    }
}
