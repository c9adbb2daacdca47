"""A disk that hangs, for one process: hanging_disk.c, built by the test and loaded by LD_PRELOAD."""

import subprocess
from pathlib import Path

from processes import wait_until

SOURCE = Path(__file__).with_name("hanging_disk.c")


class HangingDisk:
    """What changes files under `folder` waits between hang() and resume(). `workshop`, outside of it, is for the shared
    object and the flag."""

    def __init__(self, folder, workshop):
        self.folder = Path(folder)
        self.folder.mkdir(exist_ok=True)
        self._library = Path(workshop) / "hanging_disk.so"
        self._flag = Path(workshop) / "disk-hangs"
        self._reached = Path(f"{self._flag}.reached")
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", self._library, SOURCE, "-ldl"],
                       check=True, timeout=60)

    def environment(self):
        """For the process whose disk it is. A sanitizer's library would like to be the first."""
        return {"LD_PRELOAD": str(self._library), "ASAN_OPTIONS": "verify_asan_link_order=0",
                "HANGING_DISK_FOLDER": str(self.folder), "HANGING_DISK_FLAG": str(self._flag)}

    def hang(self):
        self._reached.unlink(missing_ok=True)
        self._flag.touch()

    def resume(self):
        self._flag.unlink(missing_ok=True)

    def wait_until_reached(self, within=10):
        """Until a call waits for the disk."""
        wait_until(self._reached.exists, within, "a call waits for the disk")
