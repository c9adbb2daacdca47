"""One region of the lab: an emulator with its table, and before it the endpoint that can be broken."""

from agents import Agent
from dynamo_wire import Wire, create_table
from processes import free_port
from servers import Dynoxide

TABLE, KEY, EXPIRY = "mooring_sessions", "session_id", "expires"
EMULATOR_PORT, ENDPOINT_PORT = 8000, 443


class Region:
    """`data`: a folder on a disk that does not wait for writes: what was answered outlives SIGKILL of the emulator, not
    of the machine."""

    def __init__(self, name, region, folder, data, network, authority):
        self.name, self.region = name, region
        self.host = network.addresses[name]
        self.endpoint_name = f"dynamodb.{region}.lab" if network.namespaces else self.host
        inside = network.inside(name)
        port = EMULATOR_PORT if network.namespaces else free_port()
        endpoint_port = ENDPOINT_PORT if network.namespaces else free_port()
        for needed in (folder / "log", data):
            needed.mkdir(parents=True, exist_ok=True)
        self.address = self.host, port
        self.emulator = Dynoxide(folder / "log", port, data / "tables.db", self.host, inside)
        certificates = [authority.certificate(self.endpoint_name), authority.untrusted(self.endpoint_name)] \
            if authority else []
        self.proxy = Agent("endpoint", "fault_proxy.py", folder, f"{self.host}:{endpoint_port}", f"{self.host}:{port}",
                           *certificates, inside=inside)
        self.endpoint = f"https://{self.endpoint_name}" if authority else f"http://{self.host}:{endpoint_port}"

    def start(self):
        self.emulator.start()
        wire = Wire(self.address)
        create_table(wire, TABLE, KEY)
        wire.call("UpdateTimeToLive", TableName=TABLE,
                  TimeToLiveSpecification={"Enabled": True, "AttributeName": EXPIRY})
        wire.close()
        self.proxy.start()

    def spoil(self, fault, value=None):
        self.proxy.ask(do="break", fault=fault, value=value)

    def heal(self):
        if self.emulator.process.stopped():
            self.emulator.process.resume()
        if not self.emulator.process.alive():
            self.emulator.start()
        self.proxy.ask(do="heal")

    def facts(self):
        return self.proxy.ask(do="facts")
