"""The lab's commands for its users."""

from lab_faults import FAULTS

HELP = """
status        each node, region and part, and what is published
heal          everything that was broken below works again, and what is dead is started
kill PART     SIGKILL; the part stays dead until 'start PART' or 'heal'
term PART     SIGTERM, and waits until it has ended
stop PART     SIGSTOP: it hangs, with its connections open
cont PART     SIGCONT after a stop
start PART    starts what was killed or has ended
lag SECONDS   replication between the regions takes so long
{faults}
shop N        N visitors shop until the end, on both nodes, and compare their carts with what the shop acknowledged
report        what the visitors have found
wait SECONDS
help          this text
quit          ends everything; so do Ctrl-C and the end of the input

PART is one of {names}.
Several commands in one line: 'blackhole east; wait 20; heal'.
"""
FAULT_WIDTH = 26


def help_text(parts):
    faults = (f"{f'{name} PLACE {fault.value}'.strip():<{FAULT_WIDTH}}{fault.what}; PLACE is {' or '.join(fault.places)}"
              for name, fault in FAULTS.items())
    return HELP.format(faults="\n".join(faults), names=", ".join(parts)).strip()
