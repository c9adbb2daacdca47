"""Stands before a region's emulator as the region's endpoint, and breaks in the ways of a region.

usage: fault_proxy.py SOCKET LISTEN UPSTREAM [CERTIFICATE WRONG_CERTIFICATE]

LISTEN and UPSTREAM are HOST:PORT. With certificates (files with key) it speaks TLS. Orders (agents.py):
{"do": "break", "fault": NAME, "value": NUMBER}, {"do": "heal"}, {"do": "facts"}; {"do": "writes"} answers with when each
item was written last that was written since that order came last.

  errors PERCENT   so many of the requests are answered with 500
  readonly         writes are answered with 500
  throttle, credentials, table    each request is refused with 400, as too many, from an unknown key, for no such table
  slow SECONDS     each answer comes so much later
  skew SECONDS     the service's clock is so far ahead: the node's seems behind, and its signatures too old
  refuse           connections are refused, and open ones reset
  tls              the certificate is not the endpoint's own; open connections are reset
"""

import asyncio
import random
import ssl
import sys
import time

from agents import serve
from faults import ANSWERS, answer, body_length, concerns, refuse_signature, with_date, written_key

FAULTS = (*ANSWERS, "slow", "skew", "refuse", "tls")
LONGEST_HEAD = 65536
LONGEST_BODY = 4 * 1024 * 1024
BACKLOG = 1024
# That nobody has asked for yet; more do not fit into an answer. Of more the oldest are forgotten.
MOST_WRITES = 400
END_OF_HEAD = b"\r\n\r\n"


class FaultProxy:
    def __init__(self, listen, upstream, certificates=()):
        self._listen, self._upstream = listen, upstream
        self._contexts = [self._context(file) for file in certificates]
        self._faults = {}
        self._server = None
        self._open = set()
        self.requests = self.spoilt = 0
        self._writes = {}
        self._random = random.Random(1)

    @staticmethod
    def _context(file):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        context.set_alpn_protocols(["http/1.1"])
        return context

    async def listen(self):
        context = self._contexts[1 if "tls" in self._faults else 0] if self._contexts else None
        # limit: a head's longest, see LONGEST_HEAD.
        self._server = await asyncio.start_server(self._serve, *self._listen, ssl=context, limit=LONGEST_HEAD,
                                                  backlog=BACKLOG)

    async def change(self, do, fault=None, value=None):
        if do == "break":
            if fault not in FAULTS:
                raise ValueError(f"no fault '{fault}'; there are {', '.join(FAULTS)}")
            if fault == "tls" and not self._contexts:
                raise ValueError("tls: this endpoint speaks no TLS")
            await self._put({**self._faults, fault: value})
        elif do == "heal":
            await self._put({})
        elif do == "writes":
            writes, self._writes = self._writes, {}
            return {"writes": writes}
        elif do != "facts":
            raise ValueError(f"no order '{do}'")
        return {"faults": self._faults, "requests": self.requests, "spoilt": self.spoilt}

    async def _put(self, faults):
        before, self._faults = self._faults, faults
        doors = {"refuse", "tls"}
        if doors & set(before) == doors & set(faults):
            return
        if self._server:
            self._server.close()
            self._server = None
        for writer in list(self._open):
            writer.transport.abort()
        if "refuse" not in faults:
            await self.listen()

    async def _serve(self, reader, writer):
        self._open.add(writer)
        upstream = None
        try:
            while True:
                head = await reader.readuntil(END_OF_HEAD)
                length = body_length(head)
                if length > LONGEST_BODY:
                    break
                body = await reader.readexactly(length)
                self.requests += 1
                said = self._instead(head)
                if "slow" in self._faults:
                    await asyncio.sleep(self._faults["slow"])  # pause: the fault that was asked for
                if said is None:
                    if upstream is None:
                        upstream = await asyncio.open_connection(*self._upstream, limit=LONGEST_HEAD)
                    said = await self._forward(upstream, head + body)
                    if said.startswith(b"HTTP/1.1 200"):
                        self._note_write(head, body)
                else:
                    self.spoilt += 1
                writer.write(said)
                await writer.drain()
        except (OSError, EOFError, asyncio.LimitOverrunError):
            # A dead emulator is a connection that ends without an answer.
            pass
        finally:
            self._open.discard(writer)
            writer.transport.abort()
            if upstream:
                upstream[1].close()

    def _note_write(self, head, body):
        key = written_key(head, body)
        if key is None:
            return
        self._writes.pop(key, None)
        self._writes[key] = time.time()
        if len(self._writes) > MOST_WRITES:
            del self._writes[next(iter(self._writes))]

    def _now(self):
        return time.time() + self._faults.get("skew", 0.0)

    def _instead(self, head):
        for name, (status, kind, message) in ANSWERS.items():
            is_hit = name != "errors" or self._random.random() * 100 < self._faults.get(name, 0)
            if name in self._faults and concerns(name, head) and is_hit:
                return answer(status, kind, message, self._now())
        return refuse_signature(head, self._now()) if "skew" in self._faults else None

    async def _forward(self, upstream, request):
        reader, writer = upstream
        writer.write(request)
        head = await reader.readuntil(END_OF_HEAD)
        body = await reader.readexactly(body_length(head))
        return (with_date(head, self._now()) if "skew" in self._faults else head) + body


def address(text):
    host, _, port = text.rpartition(":")
    return host, int(port)


async def run(path, listen, upstream, *certificates):
    proxy = FaultProxy(address(listen), address(upstream), certificates)
    loop = asyncio.get_running_loop()
    await proxy.listen()
    serve(path, lambda **order: asyncio.run_coroutine_threadsafe(proxy.change(**order), loop).result(5))
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(run(*sys.argv[1:]))
