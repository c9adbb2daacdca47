"""A disk of a few megabytes that a test can fill: a file system in memory that only one process and its children see."""

from pathlib import Path

from servers import running_as_root

MEGABYTES = 4


class SmallDisk:
    """`folder` is where the process that runs under command() finds the disk."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir()
        self._seen_from_here = None

    def command(self, argv):
        """argv on the disk. No child of unshare: the process keeps the number that it is started with."""
        as_root = [] if running_as_root() else ["--map-root-user"]
        mount = f'mount -t tmpfs -o size={MEGABYTES}m tmpfs "$0" && exec "$@"'
        return ["unshare", *as_root, "--mount", "sh", "-c", mount, str(self.folder), *argv]

    def of(self, process_id):
        """The disk as that process sees it, for this process."""
        self._seen_from_here = Path(f"/proc/{process_id}/root{self.folder}")
        mounts = Path(f"/proc/{process_id}/mounts").read_text(encoding="utf-8")
        assert f"tmpfs {self.folder} " in mounts, f"{self.folder} is no disk of its own:\n{mounts}"
        return self

    def fill(self):
        """Until not another byte fits."""
        with open(self._ballast(), "wb", buffering=0) as ballast:
            for size in (65536, 4096, 1):
                self._write_until_full(ballast, bytes(size))

    @staticmethod
    def _write_until_full(ballast, block):
        try:
            while True:
                ballast.write(block)
        except OSError:
            return

    def free(self):
        self._ballast().unlink()

    def _ballast(self):
        return self._seen_from_here / "ballast"
