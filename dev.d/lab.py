"""Runs two regions and two app nodes, to break them by name and watch what load balancers and the shop's visitors see.
Started by ./dev lab."""

import argparse
import math
import signal
import sys
import time

import lab_faults
from demo_node import Interrupted, RunFolder, run_until_the_end, say
from lab_faults import FAULTS
from lab_help import help_text
from lab_settings import add_setting_option, read_settings
from lab_status import status_lines
from lab_world import NODES, LabWorld
from processes import Failure, wait_until
from shoppers import MOST_VISITORS, Shoppers

PROMPT = "lab> "
# What a node's pages need. Everything else may be down without a visitor's notice.
SHOP_PARTS = tuple(f"{node}.{name}" for node in NODES for name in ("sessiond", "php-fpm", "nginx"))
LONGEST_WAIT = 86400
# sessiond gives open sessions 10 s when it is told to end.
TERM_TIMEOUT = 15.0
LONGEST_LAG = 600.0
BROKEN_PROMISE = 1
REFUSED_COMMAND = 2

class Quit(Exception):
    """The user wants to leave."""


class Lab:
    def __init__(self, world):
        self._world = world
        self._shoppers = Shoppers(world.doors())
        # Parts that were ended by a command; any other end is worth a line.
        self._ended = set()
        # Faults under which visitors may see errors.
        self._excused = set()
        plain = {"status": self._status, "report": self._report, "help": self._help, "quit": self._quit,
                 "heal": self._heal}
        named = {"kill": self._kill, "term": self._term, "stop": self._stop, "cont": self._cont, "start": self._start}
        self._commands = {name: (command, None, "nothing more") for name, command in plain.items()}
        self._commands |= {name: (command, self._part, "a PART") for name, command in named.items()}
        self._commands["shop"] = (self._shop, self._number, "a number of visitors")
        self._commands["wait"] = (time.sleep, self._seconds, "a number of seconds")
        self._commands["lag"] = (self._lag, self._lag_seconds, "a number of seconds")

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
        if name in FAULTS:
            self._break(name, arguments)
            return
        if name not in self._commands:
            raise Failure(f"there is no command '{name}'; 'help' lists them")
        command, read, wanted = self._commands[name]
        if len(arguments) != (1 if read else 0):
            raise Failure(f"{name}: wants {wanted}; see 'help'")
        command(*(read(name, argument) for argument in arguments))

    def _part(self, command, name):
        parts = self._world.parts
        if name not in parts:
            raise Failure(f"{command}: there is no part '{name}'; the parts are {', '.join(parts)}")
        return name

    def _number(self, command, text):
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_VISITORS):
            raise Failure(f"{command}: '{text}' is not a number of visitors from 1 to {MOST_VISITORS}")
        return int(text)

    def _seconds(self, command, text, most=LONGEST_WAIT):
        try:
            seconds = float(text)
        except ValueError:
            seconds = math.nan
        if not 0 <= seconds <= most:
            raise Failure(f"{command}: '{text}' is not a number of seconds from 0 to {most:g}")
        return seconds

    def _lag_seconds(self, command, text):
        return self._seconds(command, text, LONGEST_LAG)

    def _lag(self, seconds):
        self._world.set_lag(seconds)
        say(f"replication takes {seconds:g} s")

    def _break(self, name, words):
        place, value = FAULTS[name].read(name, words)
        if FAULTS[name].refuses or name == "cut":
            self._shoppers.note_down(f"{name} {place}")
            self._excused.add(f"{name} {place}")
        lab_faults.put(self._world, name, place, value)
        say(f"{place}: {FAULTS[name].what}{'' if value is None else f': {value:g}'}")

    def _heal(self):
        self._world.heal()
        for name in [*self._excused, *SHOP_PARTS]:
            self._shoppers.note_up(name)
        self._excused.clear()
        self._ended.clear()
        say("everything is healed")

    def _process(self, name):
        return self._world.parts[name].process

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
        self._world.parts[name].start()
        self._ended.discard(name)
        self._note_up(name)
        say(f"{name} is started, pid {self._process(name).pid}")

    def _tell_unexpected_ends(self):
        for name in self._world.parts:
            process = self._process(name)
            if not process.alive() and name not in self._ended:
                self._ended.add(name)
                self._note_down(name)
                say(f"{name} has ended by itself with code {process.exit_code()}: {process.last_words()}")

    def _status(self):
        for name in self._world.parts:
            state = self._state(name)
            alive = state in ("running", "stopped")
            say(f"{name:<15}{state:<9} {f'pid {self._process(name).pid}' if alive else ''}".rstrip())
        for line in status_lines(self._world):
            say(line)

    def _shop(self, number):
        self._shoppers.send(number)
        say(f"{len(self._shoppers.visitors())} visitors are shopping")

    def _report(self):
        for line in self._shoppers.report():
            say(line)

    def _help(self):
        say(help_text(self._world.parts))

    def _quit(self):
        raise Quit


def arguments():
    parser = argparse.ArgumentParser(prog="./dev lab", description=__doc__)
    parser.add_argument("--do", metavar="COMMANDS", dest="commands",
                        help="what to do, such as 'blackhole east; wait 20; heal', instead of asking")
    add_setting_option(parser)
    return parser.parse_args()


def typed_lines():
    __import__("readline")  # gives input() a history

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


def explain(world):
    world.explain_user()
    shops = "\n".join(f"  the shop on {node.name:<10}http://{node.door[0]}:{node.door[1]}/" for node in world.nodes.values())
    say(f"""
The lab runs: two regions, {' and '.join(world.regions)}, and two nodes.

{shops}
  configuration, logs    {world.run}/node1 and so on

What is broken stays broken until 'heal'. 'help' lists the commands. Try:
  shop 20; blackhole east; wait 10; status; heal; wait 10; report
""")


def use(world, lines, interactive):
    explain(world)
    lab = Lab(world)
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

    def make_world():
        return LabWorld(RunFolder("lab"), read_settings(options.settings))

    return run_until_the_end("lab", make_world, lambda world: use(world, lines, interactive))


if __name__ == "__main__":
    sys.exit(main())
