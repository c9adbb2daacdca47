<?php

declare(strict_types=1);

require __DIR__ . '/support/harness.php';

/** A handler of an application, as it may be registered although the prepend file has registered ours. */
class OwnHandler implements SessionHandlerInterface
{
    /** @var array<string, string> */
    public array $kept = [];

    public function open($path, $name): bool
    {
        return true;
    }

    public function close(): bool
    {
        return true;
    }

    #[\ReturnTypeWillChange]
    public function read($id)
    {
        return $this->kept[$id] ?? '';
    }

    public function write($id, $data): bool
    {
        $this->kept[$id] = $data;
        return true;
    }

    public function destroy($id): bool
    {
        unset($this->kept[$id]);
        return true;
    }

    #[\ReturnTypeWillChange]
    public function gc($lifetime)
    {
        return 0;
    }
}

$callbacks = static fn (OwnHandler $own): array => array_map(
    static fn (string $method): array => [$own, $method],
    ['open', 'close', 'read', 'write', 'destroy', 'gc']
);

foreach (['0', '1'] as $strict) {
    ini_set('session.use_strict_mode', $strict);
    foreach (['object', 'callbacks'] as $form) {
        $ours = handler();
        $own = new OwnHandler();
        $id = newId();
        $own->kept[$id] = 'n|i:1;';
        @session_set_save_handler(...($form === 'object' ? [$own] : $callbacks($own)));
        session_id($id);
        check(session_start(), 'a session of the application starts, ' . $form);
        equal($id, session_id(), 'under its id, strict mode ' . $strict);
        $_SESSION['n']++;
        session_write_close();
        equal('n|i:2;', $own->kept[$id] ?? null, 'and is stored by the application');
        equal(null, $ours->lastError(), 'without a complaint of ours');

        session_id($id);
        session_start();
        session_write_close();
        equal([], warnings(), 'no warning when nothing was changed');
        equal(null, stored($id), 'nothing of it is in sessiond');
    }
    contains('session.lazy_write = 0', (string) $ours->lastError(), 'the log says what callbacks over this handler need');
}

finish();
