"""The files of the embedded object store, and what they close.

    objects/
      credentials.json   access key and secret, made once (0600)
      server.lock        held by the process that runs the server
      volumes/           the bytes
      run/               made anew for each start (0700): configuration, certificates, sockets, log, state.json

- `security.toml` gives master, volume server and filer keys which change with each start: their HTTP ports take nothing
  unsigned, and their gRPC ports ask for a certificate of an authority that lives as long as the server. So no side
  door goes round the lock, not even for another user of this machine.
- The server starts in `run/`, where it finds its configuration first: none of another installation is read.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, BinaryIO, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from storage.objects.errors import ObjectRefused

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

_COMPONENTS: Final = ("master", "volume", "filer", "s3", "admin", "client")
"""All but the maintenance worker: without a certificate it is not let in, and nothing moves or re-codes volumes."""
_GIB: Final = 1 << 30
_CERTIFICATE_LIFE: Final = timedelta(days=3_650)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What signs requests to the embedded store."""

    access_key: str
    secret_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ports:
    """The loopback ports of one server."""

    master: int
    master_grpc: int
    volume: int
    volume_grpc: int
    filer: int
    filer_grpc: int
    s3: int
    s3_grpc: int
    admin: int
    admin_grpc: int


@dataclass(frozen=True, slots=True)
class State:
    """What other processes need to use a running server."""

    pid: int
    owner_pid: int
    ports: Ports


@dataclass(frozen=True, slots=True)
class Folder:
    """Where everything of an embedded store is."""

    path: Path

    @property
    def volumes(self) -> Path:
        """The bytes."""
        return self.path / "volumes"

    @property
    def run(self) -> Path:
        """What one start needs."""
        return self.path / "run"

    @property
    def lock(self) -> Path:
        """Held by the process that runs the server."""
        return self.path / "server.lock"

    @property
    def log(self) -> Path:
        """What the server said since it was started."""
        return self.run / "server.log"

    def open_log(self) -> BinaryIO:
        """The log, emptied, for one start."""
        self.log.unlink(missing_ok=True)
        return os.fdopen(os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    @property
    def metadata_logs(self) -> Path:
        """The folder of the filer's store."""
        return self.volumes / "filer"

    def make(self) -> None:
        """Makes the folders, for the owner only."""
        for path in (self.path, self.volumes, self.run):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def credentials(self, entropy: Callable[[int], bytes]) -> Credentials:
        """The credentials, made the first time.

        Raises:
            ObjectRefused: their file is damaged.
        """
        path = self.path / "credentials.json"
        if not path.exists():
            made = Credentials(entropy(10).hex().upper(), base64.urlsafe_b64encode(entropy(30)).decode("ascii"))
            _write(path, json.dumps(asdict(made)))
            return made
        try:
            found = json.loads(path.read_text(encoding="ascii"))
            return Credentials(str(found["access_key"]), str(found["secret_key"]))
        except (ValueError, KeyError, TypeError) as error:
            msg = f"{path.name}: expected access_key and secret_key, got something else"
            raise ObjectRefused(msg) from error

    def write_state(self, state: State) -> None:
        """Tells other processes how to find the server."""
        _write(self.run / "state.json", json.dumps(asdict(state)))

    def read_state(self) -> State | None:
        """How to find the server, if one was ready and did not end in order."""
        try:
            found = json.loads((self.run / "state.json").read_text(encoding="ascii"))
            return State(int(found["pid"]), int(found["owner_pid"]), Ports(**found["ports"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def remove_state(self) -> None:
        """Says that there is no server any more."""
        (self.run / "state.json").unlink(missing_ok=True)

    def write_configuration(self, credentials: Credentials, now: datetime, entropy: Callable[[int], bytes]) -> None:
        """Everything the server reads when it starts, with fresh keys and certificates."""
        identity = {
            "name": "chopbook",
            "credentials": [{"accessKey": credentials.access_key, "secretKey": credentials.secret_key}],
            "actions": ["Admin"],
        }
        _write(self.run / "s3.json", json.dumps({"identities": [identity]}))
        _write(self.run / "filer.toml", f"[leveldb2]\nenabled = true\ndir = {json.dumps(str(self.metadata_logs))}\n")
        # New volumes come two at a time; by default it is seven, which a small disk has no room for.
        _write(self.run / "master.toml", "[master.volume_growth]\ncopy_1 = 2\n")
        _write_certificates(self.run, now)
        _write(self.run / "security.toml", self._security(entropy))

    def volume_size_mib(self) -> int:
        """The size at which a volume is full, such that the free disk makes room for at least 64 of them."""
        free = shutil.disk_usage(self.volumes).free
        return 1_024 if free > 64 * _GIB else 256 if free > 16 * _GIB else 64

    def _security(self, entropy: Callable[[int], bytes]) -> str:
        lines = []
        for section in ("jwt.signing", "jwt.signing.read", "jwt.filer_signing", "jwt.filer_signing.read"):
            lines += [f"[{section}]", f'key = "{entropy(32).hex()}"', ""]
        lines += ["[filer.expose_directory_metadata]", "enabled = false", ""]
        lines += ["[grpc]", f"ca = {json.dumps(str(self.run / 'ca.pem'))}", ""]
        for component in _COMPONENTS:
            lines += [f"[grpc.{component}]"]
            lines += [f"cert = {json.dumps(str(self.run / 'peer.pem'))}"]
            lines += [f"key = {json.dumps(str(self.run / 'peer.key'))}", ""]
        return "\n".join(lines)


def _write_certificates(folder: Path, now: datetime) -> None:
    """An authority whose key is forgotten at once, and the one certificate it signed."""
    authority_key, peer_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority_name, peer_name = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("chopbook objects", "peer")
    )

    def builder(name: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder(issuer_name=authority_name, subject_name=name, public_key=key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + _CERTIFICATE_LIFE)
        )

    authority = (
        builder(authority_name, authority_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    peer = (
        builder(peer_name, peer_key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = peer_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    _write(folder / "ca.pem", authority.public_bytes(pem).decode("ascii"))
    _write(folder / "peer.pem", peer.public_bytes(pem).decode("ascii"))
    _write(folder / "peer.key", private.decode("ascii"))


def _write(path: Path, text: str) -> None:
    """Replaces a file as a whole; only its owner may read it."""
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
