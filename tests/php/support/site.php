<?php

/** What the web server of a test serves, by ?do=... */

declare(strict_types=1);

// PHP's web server does not do that for a router: auto_prepend_file.
require dirname(__DIR__, 3) . '/php-shim/prepend.php';

$handler = Mooring\SessionHandler::register(Mooring\Options::environment());
$id = (string) ($_GET['id'] ?? '');

switch ($_GET['do'] ?? '') {
    case 'count':
        session_id($id);
        $started = session_start();
        $_SESSION['count'] = ($_SESSION['count'] ?? 0) + 1;
        session_write_close();
        echo json_encode(['started' => $started, 'data' => $_SESSION, 'error' => $handler->lastError()]);
        return;
    case 'visit':
        $started = session_start();
        $_SESSION['visits'] = ($_SESSION['visits'] ?? 0) + 1;
        if (isset($_GET['renew'])) {
            session_regenerate_id(true);
        }
        session_write_close();
        echo json_encode(['started' => $started, 'id' => session_id(), 'visits' => $_SESSION['visits']]);
        return;
    case 'leave a lock':
        // A fatal error: no destructor runs, and PHP does not know of this handler.
        $careless = new Mooring\SessionHandler(Mooring\Options::environment());
        $careless->open('', session_name());
        echo json_encode(['read' => $careless->read($id)]);
        undefined_function();
        return;
    case 'exhaust memory':
        session_id($id);
        session_start();
        for ($hog = [];;) {
            $hog[] = str_repeat('x', 1000);
        }
        return;
    case 'leave an answer':
        // As when a request is ended between its question and the answer.
        $flags = STREAM_CLIENT_CONNECT | STREAM_CLIENT_PERSISTENT;
        $stream = stream_socket_client('unix://' . getenv('MOORING_SOCKET'), $code, $text, 1, $flags);
        $bytes = '';
        foreach ([['RESET'], ['ECHO', '0123456789abcdef'], ['SESSION.OPEN', session_name(), $id]] as $command) {
            $bytes .= '*' . count($command) . "\r\n";
            foreach ($command as $part) {
                $bytes .= '$' . strlen($part) . "\r\n" . $part . "\r\n";
            }
        }
        fwrite($stream, $bytes);
        echo json_encode(['reused' => ftell($stream) > 0, 'waited' => isset($_GET['wait']) ? usleep(200000) : null]); // pause: the page takes a while
        return;
    case 'exit while starting':
        session_id($id);
        session_start();
        $_SESSION['left'] = 'by exit';
        exit(json_encode(['exit' => true]));
}
http_response_code(404);
