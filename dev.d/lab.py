"""Runs one whole app node on loopback, with MariaDB and a DynamoDB emulator, to break its parts by name and watch what
a load balancer and the shop's visitors see. Started by ./dev lab."""

import argparse
import json
import math
import signal
import sys
import time

from daemons import get
from demo_node import DemoNode, Interrupted, RunFolder, add_port_option, choose_ports, run_until_the_end, say
from processes import Failure, wait_until
from shoppers import MOST_VISITORS, Shoppers

PROMPT = "lab> "
# What the shop's pages need. MariaDB and the sidecar may be down without a visitor's notice.
SHOP_PARTS = ("dynamodb", "sessiond", "php-fpm", "nginx")
LONGEST_WAIT = 86400
# sessiond gives open sessions 10 s when it is told to end.
TERM_TIMEOUT = 15.0
ANSWER_TIMEOUT = 1.0
BROKEN_PROMISE = 1
REFUSED_COMMAND = 2

HELP = """
status        each part, what /healthz answers, and why
kill NAME     SIGKILL; the part stays dead until 'start NAME'
term NAME     SIGTERM, and waits until it has ended
stop NAME     SIGSTOP: it hangs, with its connections open
cont NAME     SIGCONT after a stop
start NAME    starts what was killed or has ended
shop N        N visitors shop until the end, and compare their carts with what the shop acknowledged
report        what the visitors have found
wait SECONDS
help          this text
quit          ends everything; so do Ctrl-C and the end of the input

NAME is one of {names}. Several commands in one line: 'kill mariadb; wait 5; status'.
"""


class Quit(Exception):
    """The user wants to leave."""


class Lab:
    def __init__(self, node):
        self._node = node
        self._shoppers = Shoppers(node.shop_port)
        # Parts that were ended by a command; any other end is worth a line.
        self._ended = set()
        plain = {"status": self._status, "report": self._report, "help": self._help, "quit": self._quit}
        named = {"kill": self._kill, "term": self._term, "stop": self._stop, "cont": self._cont, "start": self._start}
        self._commands = {name: (command, None, "nothing more") for name, command in plain.items()}
        self._commands |= {name: (command, self._part, "a NAME") for name, command in named.items()}
        self._commands["shop"] = (self._shop, self._number, "a number of visitors")
        self._commands["wait"] = (time.sleep, self._seconds, "a number of seconds")

    def obey(self, line):
        """Carries out the commands of one line; returns False when one was refused."""
        refused = False
        for text in line.split(";"):
            words = text.split()
            if not words:
                continue
            try:
                self._carry_out(*words)
            except Failure as failure:
                refused = True
                print(f"lab: {failure}", file=sys.stderr, flush=True)
            self._tell_unexpected_ends()
        return not refused

    def finish(self, in_order):
        """The last report. `in_order`: the visitors may look at their carts a last time."""
        if not self._shoppers.visitors():
            return 0
        if in_order:
            say("the visitors look at their carts a last time")
            self._shoppers.leave()
        self._report()
        return BROKEN_PROMISE if self._shoppers.promise_broken() else 0

    def _carry_out(self, name, *arguments):
        if name not in self._commands:
            raise Failure(f"there is no command '{name}'; 'help' lists them")
        command, read, wanted = self._commands[name]
        if len(arguments) != (1 if read else 0):
            raise Failure(f"{name}: wants {wanted}; see 'help'")
        command(*(read(name, argument) for argument in arguments))

    def _part(self, command, name):
        if name not in self._node.parts:
            raise Failure(f"{command}: there is no part '{name}'; the parts are {', '.join(self._node.parts)}")
        return name

    def _number(self, command, text):
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_VISITORS):
            raise Failure(f"{command}: '{text}' is not a number of visitors from 1 to {MOST_VISITORS}")
        return int(text)

    def _seconds(self, command, text):
        try:
            seconds = float(text)
        except ValueError:
            seconds = math.nan
        if not 0 <= seconds <= LONGEST_WAIT:
            raise Failure(f"{command}: '{text}' is not a number of seconds from 0 to {LONGEST_WAIT}")
        return seconds

    def _process(self, name):
        return self._node.parts[name].process

    def _state(self, name):
        process = self._process(name)
        if process.alive():
            return "stopped" if process.stopped() else "running"
        code = process.exit_code()
        return "killed" if code == -signal.SIGKILL else f"ended with code {code}"

    def _expect(self, command, name, *states):
        """The process of `name`, which must be in one of these states."""
        state = self._state(name)
        if state in states:
            return self._process(name)
        remedy = {"running": "", "stopped": f"; 'cont {name}' lets it go on"}.get(state, f"; 'start {name}' starts it")
        raise Failure(f"{command}: {name} {'' if state.startswith('ended') else 'is '}{state}{remedy}")

    def _note_down(self, name):
        if name in SHOP_PARTS:
            self._shoppers.note_down(name)

    def _note_up(self, name):
        if name in SHOP_PARTS:
            self._shoppers.note_up(name)

    def _kill(self, name):
        process = self._expect("kill", name, "running", "stopped")
        self._ended.add(name)
        self._note_down(name)
        process.kill()
        say(f"{name} is killed")

    def _term(self, name):
        process = self._expect("term", name, "running")
        self._ended.add(name)
        self._note_down(name)
        process.signal(signal.SIGTERM)
        wait_until(lambda: not process.alive(), TERM_TIMEOUT, f"{name} has ended")
        say(f"{name} has ended with code {process.exit_code()}")

    def _stop(self, name):
        process = self._expect("stop", name, "running")
        self._note_down(name)
        process.pause()
        wait_until(process.stopped, 2, f"{name} is stopped")
        say(f"{name} is stopped")

    def _cont(self, name):
        self._expect("cont", name, "stopped").resume()
        self._note_up(name)
        say(f"{name} goes on")

    def _start(self, name):
        if self._process(name).alive():
            raise Failure(f"start: {name} is {self._state(name)}, pid {self._process(name).pid}")
        self._node.parts[name].start()
        self._ended.discard(name)
        self._note_up(name)
        say(f"{name} is started, pid {self._process(name).pid}")

    def _tell_unexpected_ends(self):
        for name in self._node.parts:
            process = self._process(name)
            if not process.alive() and name not in self._ended:
                self._ended.add(name)
                self._note_down(name)
                say(f"{name} has ended by itself with code {process.exit_code()}: {process.last_words()}")

    def _status(self):
        for name in self._node.parts:
            state = self._state(name)
            alive = state in ("running", "stopped")
            say(f"{name:<10}{state:<9} {f'pid {self._process(name).pid}' if alive else ''}".rstrip())
        say(f"{'/healthz':<10}{self._answer(self._node.probe_port)}; "
            f"through nginx: {self._answer(self._node.shop_port)}")
        say(f"{'verdict':<10}{self._verdict()}")

    def _answer(self, port):
        code, body = get(port, "/healthz", ANSWER_TIMEOUT)
        text = body.decode("utf-8", "replace").strip()
        return f"no answer ({text})" if code is None else f"{code} {text.splitlines()[0] if text else ''}".strip()

    def _verdict(self):
        code, body = get(self._node.admin_port, "/status.json", ANSWER_TIMEOUT)
        if code is None:
            return "unknown: the sidecar does not answer"
        found = json.loads(body)
        return f"{found['verdict']}: {found['output']}" if found.get("output") else found["verdict"]

    def _shop(self, number):
        self._shoppers.send(number)
        say(f"{len(self._shoppers.visitors())} visitors are shopping")

    def _report(self):
        for line in self._shoppers.report():
            say(line)

    def _help(self):
        say(HELP.format(names=", ".join(self._node.parts)).strip())

    def _quit(self):
        raise Quit


def arguments():
    parser = argparse.ArgumentParser(prog="./dev lab", description=__doc__)
    parser.add_argument("-c", metavar="COMMANDS", dest="commands",
                        help="what to do, such as 'kill mariadb; wait 5; status', instead of asking")
    add_port_option(parser)
    return parser.parse_args()


def typed_lines():
    import readline  # noqa: F401  gives input() a history

    while True:
        try:
            yield input(PROMPT)
        except EOFError:
            say("")
            return


def read_lines(lines):
    for line in lines:
        for command in line.split(";"):
            if command.strip():
                say(PROMPT + command.strip())
                yield command


def explain(node):
    node.explain_users()
    say(f"""
The lab runs: one node with {', '.join(node.parts)}.

  the shop           http://127.0.0.1:{node.shop_port}/
  the node's health  http://127.0.0.1:{node.admin_port}/status
  configuration      {node.config}
  logs               {node.run}/log

What is dead stays dead until 'start NAME'. 'help' lists the commands. Try:
  shop 20; kill sessiond; status; start sessiond; report
""")


def use(node, lines, interactive):
    explain(node)
    lab = Lab(node)
    refused, in_order = False, True
    try:
        for line in lines:
            refused = not lab.obey(line) or refused
    except Quit:
        pass
    except Interrupted:
        say("\nstopping")
        in_order = False
    try:
        code = lab.finish(in_order)
    except Interrupted:
        say("\nstopping")
        code = lab.finish(in_order=False)
    # A typing mistake at the prompt was answered there; a script's mistake must not look like success.
    return code or (REFUSED_COMMAND if refused and not interactive else 0)


def main():
    options = arguments()
    interactive = options.commands is None and sys.stdin.isatty()
    if interactive:
        lines = typed_lines()
    else:
        sys.stdin.reconfigure(errors="replace")
        lines = read_lines(sys.stdin if options.commands is None else [options.commands])

    def make_node():
        return DemoNode(RunFolder("lab"), choose_ports(options.port), database=True, emulator="kept")

    return run_until_the_end("lab", make_node, lambda node: use(node, lines, interactive))


if __name__ == "__main__":
    sys.exit(main())
