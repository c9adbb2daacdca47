"""Runs the demo: sessiond, the sidecar, nginx and php-fpm on loopback, watched until Ctrl-C. Started by ./dev up."""

import argparse
import sys
import time

import daemons
from demo_node import DemoNode, RunFolder, add_port_option, choose_ports, run_until_the_end, say
from processes import Failure

RESTART_PAUSE = 0.5
# More restarts than this within the window mean that restarting does not help.
RESTART_LIMIT = 5
RESTART_WINDOW = 20.0


def arguments():
    parser = argparse.ArgumentParser(prog="./dev up", description=__doc__)
    parser.add_argument("--dynamodb", action="store_true", help="keep sessions in a DynamoDB emulator")
    add_port_option(parser)
    return parser.parse_args()


def explain(node):
    ctl = f"{daemons.binaries()}/mooringctl --config {node.config}"
    node.explain_users()
    store = "a DynamoDB emulator" if "dynamodb" in node.parts else f"{node.run}/sessions.db"
    say(f"""
The demo runs; sessions are kept in {store}.

  the shop           http://127.0.0.1:{node.shop_port}/
  the node's health  http://127.0.0.1:{node.admin_port}/status

Try in another terminal:
  curl -i http://127.0.0.1:{node.shop_port}/healthz      what a load balancer sees, through nginx
  curl -i http://127.0.0.1:{node.probe_port}/healthz      the same, from the sidecar itself
  curl -s http://127.0.0.1:{node.admin_port}/status.json  why
  curl -s http://127.0.0.1:{node.admin_port}/metrics
  redis-cli -s {node.socket} PING
  {ctl} status
  kill -9 {node.parts["sessiond"].process.pid}     # sessiond dies; it is started again, and the cart is still there
  ls {node.run}/log

Ctrl-C stops all of it.
""")


def watch(node):
    """Starts a daemon again when it dies; ends by Interrupted, or by Failure when another server has died."""
    restarts = []
    while True:
        time.sleep(0.1)  # pause: of a loop that looks on
        for name, part in node.parts.items():
            child = part.process
            if child.alive():
                continue
            if name not in ("sessiond", "sidecar"):
                raise Failure(f"{child.name} ended with code {child.exit_code()}: {child.last_words()}")
            say(f"{child.name} ended with code {child.exit_code()}; starting it again")
            restarts = [at for at in restarts if at > time.monotonic() - RESTART_WINDOW] + [time.monotonic()]
            if len(restarts) > RESTART_LIMIT:
                raise Failure(f"{child.name} keeps ending: {child.last_words()}")
            time.sleep(RESTART_PAUSE)  # pause: a program that fails is not started all the time
            child.start()
            say(f"{child.name} is pid {child.pid}")


def main():
    options = arguments()

    def make_node():
        return DemoNode(RunFolder("run"), choose_ports(options.port), emulator=options.dynamodb)

    def use(node):
        explain(node)
        watch(node)

    return run_until_the_end("up", make_node, use)


if __name__ == "__main__":
    sys.exit(main())
