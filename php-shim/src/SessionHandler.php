<?php

declare(strict_types=1);

namespace Mooring;

/**
 * PHP's session store in mooring-sessiond: one round trip to open a session, one to store it.
 *
 * No failure is ever turned into an empty session: read() answers false, session_start() fails, nothing can be
 * overwritten. What is not obvious from PHP's interfaces is explained in README.md, "How it behaves".
 */
class SessionHandler implements
    \SessionHandlerInterface,
    \SessionIdInterface,
    \SessionUpdateTimestampHandlerInterface
{
    private const NAME_PATTERN = '/^[A-Za-z0-9_.-]{1,64}$/D';

    private Options $options;
    private Client $client;
    private string $name = '';
    private ErrorLog $errors;

    /** Read, and not yet stored, deleted or closed. */
    private ?OpenedSession $opened = null;

    /** What session_regenerate_id(true) replaces; deleted once its successor is stored. */
    private ?OpenedSession $replaced = null;
    private bool $regenerating = false;

    /** Between open() and close(); $starting until read(). */
    private bool $active = false;
    private bool $starting = false;

    /** validateId() has fetched the session that read() will ask for, or failed to. */
    private bool $fetched = false;
    private ?string $unreadableId = null;

    private ?string $createdId = null;
    private ?string $adoptedId = null;
    private int $pid;
    private bool $forked = false;

    /** @param array<string, mixed> $options socket, connect_timeout, timeout, ttl, read_only, persistent */
    public function __construct(array $options = [])
    {
        $this->options = Options::fromArray($options);
        $this->client = new Client($this->options);
        $this->errors = new ErrorLog();
        $this->pid = (int) getmypid();
    }

    /** @param array<string, mixed> $options */
    public static function register(array $options = []): self
    {
        if (session_status() === PHP_SESSION_ACTIVE) {
            throw new \LogicException('mooring: a session is active already; set session.auto_start = 0');
        }
        SessionId::dropImpossibleCookie();
        $handler = new self($options);
        try {
            session_set_save_handler($handler, true);
        } catch (\Error $refusal) {
            throw new \LogicException('mooring: PHP takes no session handler: ' . $refusal->getMessage()
                . '; set session.upload_progress.enabled = Off in php.ini', 0, $refusal);
        }
        return $handler;
    }

    /** Why the last call failed, or null; cleared by the next session_start(). */
    public function lastError(): ?string
    {
        return $this->errors->last();
    }

    /** Does not connect yet: the first command does. */
    public function open($path, $name): bool
    {
        $this->disownAfterFork();
        $this->errors->clear();
        $this->unreadableId = null;
        $this->fetched = false;
        $this->active = true;
        $this->starting = true;
        $this->name = $name;
        return preg_match(self::NAME_PATTERN, $name) === 1
            || $this->errors->add('open', '', 'session.name is "' . $name . '"; give 1 to 64 of A-Z a-z 0-9 _ - .');
    }

    public function create_sid(): string
    {
        return $this->createdId = SessionId::create();
    }

    /** Answers true when it cannot know: PHP then keeps the visitor's id, and read() reports the failure. */
    public function validateId($id): bool
    {
        $this->disownAfterFork();
        if (!SessionId::isValid($id) || $id === $this->createdId) {
            return false;
        }
        if (!$this->active) {
            // Callbacks that were registered over this handler leave this method in place: not our session.
            return true;
        }
        if (!$this->starting) {
            $exists = true;
            $this->try('look-up', $id, function () use ($id, &$exists): void {
                $exists = $this->client->exists($this->name, $id);
            });
            return $exists;
        }
        // session_start() reads this id next, so fetch it at once: one round trip instead of two.
        $this->fetched = $this->fetch($id);
        if (!$this->fetched) {
            $this->unreadableId = $id;
        }
        return !$this->fetched || $this->opened->data !== null || $id === $this->adoptedId;
    }

    /** @return string|false */
    #[\ReturnTypeWillChange]
    public function read($id)
    {
        $this->disownAfterFork();
        $fetched = $this->fetched && $this->opened !== null && $this->opened->id === $id;
        $this->starting = false;
        $this->fetched = false;
        if (!$fetched && ($id === $this->unreadableId || !$this->fetch($id))) {
            $this->keepReplaced();
            return false;
        }
        if ($id === $this->createdId) {
            $this->createdId = null;
            $this->adoptedId = $id;
        }
        $this->forked = false;
        return (string) $this->opened->data;
    }

    public function write($id, $data): bool
    {
        $session = $this->takeOpened($id);
        if ($session === null) {
            return $this->errors->add('write', $id, 'not opened by this process; what is stored was not changed');
        }
        if ($session->token === null) {
            $this->keepReplaced();
            $why = $this->options->readOnly ? 'option read_only is set' : 'opened read-only after sessions.lock_wait';
            return $data === (string) $session->data || $this->errors->add('write', $id, "$why; what is stored was not changed");
        }
        return $this->finish($id, fn () => $this->client->commit($session, $this->options->lifetime(), $data));
    }

    public function updateTimestamp($id, $data): bool
    {
        $session = $this->takeOpened($id);
        if ($session === null && !$this->active) {
            $this->errors->add('touch', $id, 'other callbacks were registered over this handler; '
                . 'set session.lazy_write = 0 for them, or leave out the prepend file');
            return true;
        }
        if ($session === null) {
            // A forked child that changed nothing leaves the session to its parent.
            return $this->forked || $this->errors->add('touch', $id, 'not opened by this process');
        }
        return $session->token === null || $this->finish($id, fn () => $this->client->touch($session, $this->options->lifetime()));
    }

    public function destroy($id): bool
    {
        $session = $this->takeOpened($id) ?? new OpenedSession($this->name, $id, null, null);
        $this->adoptedId = null;
        $this->regenerating = self::isRegenerating();
        if ($this->regenerating && $this->replaced === null) {
            // Deleting it now would lose the session if the new id could not be stored afterwards.
            $this->replaced = $session;
            return true;
        }
        $deleted = $this->try('destroy', $id, fn () => $this->client->destroy($session));
        return ($this->regenerating || $this->destroyReplaced()) && $deleted;
    }

    public function close(): bool
    {
        $this->disownAfterFork();
        $this->active = false;
        $this->starting = false;
        $abandoned = !$this->regenerating;
        $this->regenerating = false;
        // session_abort() after session_regenerate_id(true): the old id was given up all the same.
        return $this->release() && (!$abandoned || $this->destroyReplaced());
    }

    /** The store deletes expired sessions by itself. */
    public function gc($maxLifetime): int
    {
        return 0;
    }

    public function __destruct()
    {
        $this->disownAfterFork();
        $this->keepReplaced();
        $this->release();
    }

    /** PHP calls destroy() alike for session_destroy(), where no new id follows. */
    private static function isRegenerating(): bool
    {
        foreach (debug_backtrace(DEBUG_BACKTRACE_IGNORE_ARGS, 8) as $frame) {
            if ($frame['function'] === 'session_regenerate_id' && !isset($frame['class'])) {
                return true;
            }
        }
        return false;
    }

    /** A lock belongs to the process that took it: a forked child must neither use nor free its parent's. */
    private function disownAfterFork(): void
    {
        if ($this->pid !== getmypid()) {
            $this->pid = (int) getmypid();
            $this->forked = true;
            $this->opened = null;
            $this->replaced = null;
        }
    }

    private function fetch(string $id): bool
    {
        if (!SessionId::isValid($id)) {
            return $this->errors->add('read', $id, 'an id of ' . strlen($id) . ' bytes that is not 1 to 256 of A-Z a-z 0-9 , -'
                . ' names no session; with session.use_strict_mode = 1 PHP replaces it');
        }
        $left = $this->opened !== null && $this->opened->id !== $id ? $this->opened : null;
        $this->opened = null;
        return $this->try('read', $id, function () use ($id, $left): void {
            $this->opened = $this->client->open($this->name, $id, $left);
        });
    }

    private function takeOpened(string $id): ?OpenedSession
    {
        $this->disownAfterFork();
        $session = $this->opened;
        if ($session === null || $session->id !== $id) {
            return null;
        }
        $this->opened = null;
        return $session;
    }

    /** Runs the command that stores and unlocks; only then is the id that this session replaced deleted. */
    private function finish(string $id, callable $command): bool
    {
        if (!$this->try('write', $id, $command)) {
            $this->keepReplaced();
            return false;
        }
        // A failure here is only logged: the data is stored under the id that the visitor now has.
        $this->destroyReplaced();
        return true;
    }

    private function destroyReplaced(): bool
    {
        $replaced = $this->replaced;
        $this->replaced = null;
        return $replaced === null || $this->try('destroy', $replaced->id, fn () => $this->client->destroy($replaced));
    }

    /** The successor could not be stored: the visitor's session stays as it was. */
    private function keepReplaced(): void
    {
        $replaced = $this->replaced;
        $this->replaced = null;
        if ($replaced !== null) {
            $this->try('close', $replaced->id, fn () => $this->client->close($replaced));
        }
    }

    private function release(): bool
    {
        $session = $this->opened;
        $this->opened = null;
        return $session === null || $this->try('close', $session->id, fn () => $this->client->close($session));
    }

    private function try(string $what, string $id, callable $command): bool
    {
        try {
            $command();
            return true;
        } catch (\RuntimeException $error) {
            return $this->errors->add($what, $id, $error->getMessage());
        }
    }
}
