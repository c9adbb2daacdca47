<?php

declare(strict_types=1);

/** The demo shop's own logic: what it sells, and what each action does to the session. No session calls, no HTML. */
final class Shop
{
    public const PRODUCTS = [
        'rope' => ['name' => 'Mooring rope', 'note' => '12 mm polyester, 10 m', 'cents' => 2490],
        'fender' => ['name' => 'Fender', 'note' => 'keeps the paint on', 'cents' => 1850],
        'anchor' => ['name' => 'Folding anchor', 'note' => '3.2 kg, galvanised', 'cents' => 3900],
        'lamp' => ['name' => 'Anchor light', 'note' => 'visible for two miles', 'cents' => 4475],
        'chart' => ['name' => 'Harbour chart', 'note' => 'this year\'s depths', 'cents' => 2200],
        'mug' => ['name' => 'Enamel mug', 'note' => 'survives most falls', 'cents' => 990],
    ];
    private const MOST_OF_ONE = 99;

    /** @var array<string, mixed> */
    private array $state;

    /** @param array<string, mixed> $session */
    public function __construct(array $session)
    {
        $this->state = $session + ['user' => null, 'cart' => [], 'seq' => 0];
    }

    public function add(string $sku): bool
    {
        if (!isset(self::PRODUCTS[$sku]) || ($this->state['cart'][$sku] ?? 0) >= self::MOST_OF_ONE) {
            return false;
        }
        $this->state['cart'][$sku] = ($this->state['cart'][$sku] ?? 0) + 1;
        return $this->changed();
    }

    public function remove(string $sku): bool
    {
        if (!isset($this->state['cart'][$sku])) {
            return false;
        }
        unset($this->state['cart'][$sku]);
        return $this->changed();
    }

    public function logIn(string $user): bool
    {
        if (preg_match('/^[\p{L}\p{N} ._@-]{1,40}$/Du', $user) !== 1) {
            return false;
        }
        $this->state['user'] = $user;
        return $this->changed();
    }

    public function logOut(): bool
    {
        $this->state['user'] = null;
        return $this->changed();
    }

    /** @return array<string, mixed> what to keep in the session */
    public function state(): array
    {
        return $this->state;
    }

    /** @return array{user: ?string, cart: array<string, int>, count: int, seq: int} */
    public function summary(): array
    {
        return [
            'user' => $this->state['user'],
            'cart' => $this->state['cart'],
            'count' => array_sum($this->state['cart']),
            'seq' => $this->state['seq'],
        ];
    }

    /** Counts every change, so that a test can tell an older state from a newer one. */
    private function changed(): bool
    {
        $this->state['seq']++;
        return true;
    }
}
