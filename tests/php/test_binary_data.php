<?php

declare(strict_types=1);

require __DIR__ . '/support/harness.php';

final class Basket
{
    private string $hidden = "private\0property";
    protected array $lines = ['a' => 1];
}

$everyByte = implode('', array_map('chr', range(0, 255)));
$values = [
    'every byte' => $everyByte,
    'protocol' => "\r\n*1\r\n\$4\r\nQUIT\r\n-ERR\r\n+OK\r\n\$-1\r\n",
    'latin-1' => "caf\xe9",
    'object' => new Basket(),
    'large' => random_bytes(300000),
];

handler();
foreach (['php', 'php_serialize', 'php_binary'] as $format) {
    ini_set('session.serialize_handler', $format);
    $id = newId();
    store($id, $values);
    session_id($id);
    session_start();
    check($values == $_SESSION, 'all values come back with serialize_handler ' . $format);
    session_write_close();
}

ini_set('session.serialize_handler', 'php');
foreach ([1, 8191, 8192, 8193, 65535, 65536, 65537, 400000] as $size) {
    $id = newId();
    $text = str_repeat('x', $size - 1) . 'y';
    store($id, ['text' => $text]);
    session_id($id);
    session_start();
    check($_SESSION === ['text' => $text], $size . ' bytes come back');
    session_write_close();
}

finish();
