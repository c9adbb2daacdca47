"""One PHP request of stock Magento 2, in the words of Cm_RedisSession as traced on the wire."""

from resp_client import RespClient, RespError, encode

SESSION = "sess_cart1"


class Magento:
    """One PHP request. `lower`: the pure-PHP client sends command names in lower case."""

    def __init__(self, node, pid, lower=False):
        self.client = RespClient(node.socket)
        self.pid = pid
        self.lower = lower

    def close(self):
        self.client.close()

    def send(self, *words):
        name = words[0].lower() if self.lower else words[0]
        self.client.send(name, *words[1:])

    def call(self, *words):
        self.send(*words)
        return self.client.reply()

    def pipeline(self, *commands):
        """Sent in one piece; errors are values in the list of replies."""
        self.client.send_bytes(b"".join(
            encode(words[0].lower() if self.lower else words[0], *words[1:]) for words in commands))
        replies = []
        for _command in commands:
            try:
                replies.append(self.client.reply())
            except RespError as error:
                replies.append(error)
        return replies

    def try_lock(self):
        return self.call("HINCRBY", SESSION, "lock", 1)

    def after_lock(self, waited=False):
        """What follows the lock: the data, and the marks that say who holds it."""
        data, writes = self.call("HMGET", SESSION, "data", "writes")
        if waited:
            self.call("HINCRBY", SESSION, "wait", -1)
        replies = self.pipeline(("HMSET", SESSION, "pid", self.pid, "lock", 1, "req", "GET /cart"),
                                ("EXPIRE", SESSION, 21600))
        assert replies == [b"OK", 1]
        return data, writes

    def read(self):
        assert self.call("SELECT", 0) == b"OK"
        assert self.try_lock() == 1
        return self.after_lock()

    def write(self, data, ttl=7200):
        """The replies of the pipeline, or None when it sees that another process has the lock."""
        self.call("SELECT", 0)
        holder = self.call("HGET", SESSION, "pid")
        if holder not in (None, self.pid.encode()):
            return None
        return self.pipeline(("SELECT", 0), ("HMSET", SESSION, "data", data, "lock", 0),
                             ("HINCRBY", SESSION, "writes", 1), ("EXPIRE", SESSION, ttl))
