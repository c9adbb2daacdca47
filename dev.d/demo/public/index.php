<?php

/**
 * The demo shop. Every answer but 503 and 400 is sent after the session was stored: 200 and 303 mean "kept".
 *
 * GET  /                  the page               GET  /?format=json   {"user":..,"cart":{sku:qty},"count":n,"seq":n}
 * POST action=add|remove&sku=..   action=login&user=..   action=logout   [&format=json]
 */

declare(strict_types=1);

require __DIR__ . '/../shop.php';
require __DIR__ . '/../session.php';
require __DIR__ . '/../node.php';
require __DIR__ . '/../page.php';

function parameter(string $name): string
{
    $value = $_POST[$name] ?? $_GET[$name] ?? '';
    return is_string($value) ? $value : '';
}

function carryOut(Shop $shop, string $action): bool
{
    switch ($action) {
        case 'add':
            return $shop->add(parameter('sku'));
        case 'remove':
            return $shop->remove(parameter('sku'));
        case 'login':
        case 'logout':
            $done = $action === 'login' ? $shop->logIn(parameter('user')) : $shop->logOut();
            if ($done) {
                Session::renew();
            }
            return $done;
    }
    return false;
}

function answer(int $status, string $type, string $body): void
{
    http_response_code($status);
    header('Content-Type: ' . $type);
    echo $body;
}

function answerJson(int $status, array $value): void
{
    answer($status, 'application/json', json_encode($value, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE) . "\n");
}

function answerUnavailable(bool $json): void
{
    Session::withdrawCookie();
    header('Retry-After: 2');
    header('Cache-Control: no-store');
    if ($json) {
        answerJson(503, ['error' => 'the session store is not available; try again']);
    } else {
        answer(503, 'text/html; charset=utf-8', Page::unavailable());
    }
}

function main(): void
{
    $json = parameter('format') === 'json';
    $changing = $_SERVER['REQUEST_METHOD'] === 'POST';
    try {
        Session::open();
        $shop = new Shop($_SESSION);
        $done = !$changing || carryOut($shop, parameter('action'));
        if ($changing && $done) {
            $_SESSION = $shop->state();
        }
        $id = (string) session_id();
        Session::close();
    } catch (RuntimeException $error) {
        error_log('demo shop: ' . $error->getMessage());
        answerUnavailable($json);
        return;
    }
    if ($json) {
        $summary = $shop->summary();
        $summary['cart'] = (object) $summary['cart'];
        answerJson($done ? 200 : 400, $done ? $summary : ['error' => 'unknown action, product or name'] + $summary);
    } elseif ($changing && $done) {
        header('Location: /');
        answer(303, 'text/plain', "stored; see /\n");
    } else {
        answer($done ? 200 : 400, 'text/html; charset=utf-8', Page::shop($shop, Node::facts($id)));
    }
}

main();
