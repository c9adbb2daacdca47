"""A violation for people: the operations that contradict each other, what happened to their nodes, in order of time."""

from model import history as h


def _found(value):
    if value is h.ABSENT:
        return "nothing"
    return f"write {value}" if isinstance(value, int) else repr(value)


def _meaning(at):
    if at.kind in (h.OPEN, h.READ):
        return f"found {_found(at.value)}" if at.outcome == h.OK else ""
    if at.kind == h.COMMIT:
        return f"write {at.value} on {_found(at.base)}"
    if at.kind == h.TOUCH:
        return f"of {_found(at.base)}"
    return f"answered {at.value}" if at.kind in (h.DESTROY, h.EXISTS) and at.outcome == h.OK else ""


def _operation_line(at, zero):
    end = f"{at.end - zero:9.4f}" if at.end < h.FOREVER else "        -"
    return (f"{at.begin - zero:9.4f} {end}  #{at.number:<7} node {at.node} connection {at.connection:<5} "
            f"{at.kind} {at.outcome} {_meaning(at)}").rstrip()


def _fault_line(fault, zero):
    return f"{fault.begin - zero:9.4f} {fault.end - zero:9.4f}  {fault.kind} of {fault.node or 'all'}"


def describe(violation, faults):
    proof = sorted(set(violation.proof), key=lambda at: at.begin)
    zero = proof[0].begin
    last = max(min(at.end, at.begin + 60) for at in proof)
    nodes = {at.node for at in proof} | {""}
    lines = [(at.begin, _operation_line(at, zero)) for at in proof]
    lines += [(fault.begin, _fault_line(fault, zero)) for fault in faults
              if fault.node in nodes and fault.end >= zero and fault.begin <= last]
    head = f"{violation.rule}: session {proof[0].session}: {violation.text} (after {violation.found_after} operations)"
    return "\n".join([head, *(line for _begin, line in sorted(lines))])
