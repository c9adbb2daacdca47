"""What the lab's nodes and regions say of themselves, as lines for people."""


def first_line(answer):
    code, body = answer
    text = body.decode("utf-8", "replace").strip()
    return f"no answer ({text})" if code is None else f"{code} {text.splitlines()[0] if text else ''}".strip()


def verdict_of(node):
    found = node.status()
    if found is None:
        return "unknown: the sidecar does not answer"
    return f"{found['verdict']}: {found['output']}" if found.get("output") else found["verdict"]


def region_of(node):
    state = node.published()
    if state is None:
        return "nothing is published"
    return f"{state['active']} ({state['mode']}), epoch {state['epoch']}: {state.get('reason', '')}"


def status_lines(world):
    for node in world.nodes.values():
        yield (f"{node.name:<15}/healthz {first_line(node.healthz())}; "
               f"through nginx: {first_line(node.healthz(through_nginx=True))}; verdict {verdict_of(node)}")
        yield f"{'':<15}region: {region_of(node)}"
    for name, region in world.regions.items():
        facts = region.facts()
        yield f"{name:<15}{region.region}, {region.emulator.endpoint}, {facts['requests']} requests, faults: {facts['faults'] or 'none'}"
    facts = world.replicator.ask(do="facts")
    waiting = ", ".join(f"{number} from {direction}" for direction, number in facts["pending"].items())
    cut = f"; cut: {', '.join(facts['cut'])}" if facts["cut"] else ""
    yield f"{'replication':<15}{facts['lag']:g} s late; waiting: {waiting}{cut}"
