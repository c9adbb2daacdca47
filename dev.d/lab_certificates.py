"""An authority for the lab's endpoints, made anew for each lab by openssl."""

import subprocess
from pathlib import Path

from processes import Failure


def openssl(*arguments, cwd):
    done = subprocess.run(["openssl", *arguments], cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failure(f"openssl {arguments[0]}: {done.stderr.strip().splitlines()[-1]}")


class Authority:
    """`file` is the list of authorities that the lab's programs trust."""

    def __init__(self, folder):
        self._folder = Path(folder)
        self.file = self._folder / "authority.crt"
        self._make("authority", "Mooring lab", "-x509", "-addext", "basicConstraints=critical,CA:TRUE")

    def _make(self, name, subject, *more):
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                "-subj", f"/CN={subject}", "-keyout", f"{name}.key", "-out", f"{name}.{'crt' if more else 'csr'}", *more,
                cwd=self._folder)

    def certificate(self, host):
        """The file of a certificate and its key that is good for `host`."""
        self._make(host, host)
        (self._folder / f"{host}.ext").write_text(f"subjectAltName=DNS:{host}\n", encoding="ascii")
        openssl("x509", "-req", "-in", f"{host}.csr", "-CA", "authority.crt", "-CAkey", "authority.key",
                "-CAcreateserial", "-days", "30", "-extfile", f"{host}.ext", "-out", f"{host}.crt", cwd=self._folder)
        return self._with_key(host)

    def untrusted(self, host):
        """One that nobody has signed."""
        name = f"{host}.untrusted"
        self._make(name, host, "-x509", "-addext", f"subjectAltName=DNS:{host}")
        return self._with_key(name)

    def _with_key(self, name):
        both = self._folder / f"{name}.pem"
        both.write_text((self._folder / f"{name}.key").read_text(encoding="ascii")
                        + (self._folder / f"{name}.crt").read_text(encoding="ascii"), encoding="ascii")
        both.chmod(0o600)
        return both
