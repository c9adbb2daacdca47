<?php

declare(strict_types=1);

namespace Mooring;

/** What SESSION.OPEN gave: the stored data, and the token of the lock unless it was opened read-only, by us or by sessiond. */
final class OpenedSession
{
    public string $name;
    public string $id;
    public ?string $token;

    /** Null when the store has no such session. */
    public ?string $data;

    public function __construct(string $name, string $id, ?string $token, ?string $data)
    {
        $this->name = $name;
        $this->id = $id;
        $this->token = $token;
        $this->data = $data;
    }
}
