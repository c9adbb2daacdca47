<?php

declare(strict_types=1);

/** The shop's HTML. */
final class Page
{
    private const STYLE = <<<'CSS'
:root { color-scheme: light dark; --ink: #16324a; --soft: #5b7285; --line: #d5dfe7; --paper: #fff; --ground: #eef3f6; --accent: #0b6e8f; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e3edf4; --soft: #9db2c2; --line: #2c4355; --paper: #14242f; --ground: #0c1820; --accent: #3fb0d4; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; justify-content: space-between; }
h1 { font-size: 1.5rem; margin: .5rem 0; }
h2 { font-size: 1.1rem; margin: 0 0 .75rem; }
p { margin: .25rem 0; }
.columns { display: grid; gap: 1rem; grid-template-columns: 1fr; }
@media (min-width: 46rem) { .columns { grid-template-columns: 2fr 1fr; align-items: start; } }
.products { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem; }
.soft { color: var(--soft); font-size: .9rem; }
form { display: inline; }
button { font: inherit; color: #fff; background: var(--accent); border: 0; border-radius: .4rem; padding: .3rem .8rem; cursor: pointer; }
@media (prefers-color-scheme: dark) { button { color: #06202b; } }
button.plain { color: var(--accent); background: none; padding: .1rem .3rem; }
input { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: .4rem; padding: .25rem .5rem; width: 9rem; }
table { width: 100%; border-collapse: collapse; }
td { padding: .25rem 0; border-top: 1px solid var(--line); }
td.number { text-align: right; white-space: nowrap; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .1rem 1rem; margin: 0; font-size: .9rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
footer { margin-top: 1rem; }
CSS;

    /** @param array<string, string> $facts */
    public static function shop(Shop $shop, array $facts): string
    {
        $summary = $shop->summary();
        return self::document(
            'Harbour shop',
            '<header><h1>Harbour shop</h1><div>' . self::account($summary['user']) . '</div></header>'
            . '<div class="columns"><section class="products">' . self::products() . '</section>'
            . '<section class="card" id="cart"><h2>Cart: ' . $summary['count'] . '</h2>' . self::cart($summary['cart'])
            . '</section></div><footer class="card"><h2>Where this came from</h2><dl>' . self::facts($facts)
            . '</dl></footer>'
        );
    }

    public static function unavailable(): string
    {
        return self::document(
            'One moment, please',
            '<div class="card"><h1>One moment, please</h1><p>We cannot reach your cart right now. Nothing in it is lost: '
            . 'it stays as it was.</p><p><a href="/">Try again</a></p></div>'
        );
    }

    private static function products(): string
    {
        $html = '';
        foreach (Shop::PRODUCTS as $sku => $product) {
            $html .= '<article class="card"><h2>' . self::text($product['name']) . '</h2><p class="soft">'
                . self::text($product['note']) . '</p><p>' . self::price($product['cents']) . '</p>'
                . self::form('add', 'Add to cart', ['sku' => $sku]) . '</article>';
        }
        return $html;
    }

    /** @param array<string, int> $cart */
    private static function cart(array $cart): string
    {
        if ($cart === []) {
            return '<p class="soft">Nothing yet.</p>';
        }
        $total = 0;
        $rows = '';
        foreach ($cart as $sku => $quantity) {
            $product = Shop::PRODUCTS[$sku];
            $total += $quantity * $product['cents'];
            $rows .= '<tr><td>' . $quantity . ' × ' . self::text($product['name']) . '</td><td class="number">'
                . self::price($quantity * $product['cents'])
                . self::form('remove', '×', ['sku' => $sku], 'Remove ' . $product['name']) . '</td></tr>';
        }
        return '<table>' . $rows . '<tr><td>Total</td><td class="number">' . self::price($total) . '</td></tr></table>';
    }

    private static function account(?string $user): string
    {
        if ($user !== null) {
            return 'Hello, <strong>' . self::text($user) . '</strong> ' . self::form('logout', 'Log out');
        }
        return '<form method="post" action="/"><input type="hidden" name="action" value="login">'
            . '<input name="user" placeholder="Your name" aria-label="Your name" required maxlength="40"> '
            . '<button>Log in</button></form>';
    }

    /** @param array<string, string> $facts */
    private static function facts(array $facts): string
    {
        $html = '';
        foreach ($facts as $name => $value) {
            $html .= '<dt>' . self::text($name) . '</dt><dd>' . self::text($value) . '</dd>';
        }
        return $html;
    }

    /** @param array<string, string> $fields */
    private static function form(string $action, string $label, array $fields = [], string $spoken = ''): string
    {
        $html = '<form method="post" action="/"><input type="hidden" name="action" value="' . $action . '">';
        foreach ($fields as $name => $value) {
            $html .= '<input type="hidden" name="' . $name . '" value="' . self::text($value) . '">';
        }
        $look = $spoken === '' ? '' : ' class="plain" aria-label="' . self::text($spoken) . '"';
        return $html . '<button' . $look . '>' . self::text($label) . '</button></form>';
    }

    private static function price(int $cents): string
    {
        return sprintf('%d.%02d €', intdiv($cents, 100), $cents % 100);
    }

    private static function text(string $text): string
    {
        return htmlspecialchars($text, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
    }

    private static function document(string $title, string $body): string
    {
        return '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>' . self::text($title) . '</title>'
            . '<meta name="viewport" content="width=device-width, initial-scale=1"><style>' . self::STYLE . '</style></head>'
            . '<body><main>' . $body . "</main></body></html>\n";
    }
}
