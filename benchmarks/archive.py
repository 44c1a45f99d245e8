"""A document room as the product has it, over a store that is there: encrypted spool, checks in warm processes, seal, commit."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from app.documents import Children, documents_of
from app.settings import load_settings
from benchmarks.ground import clock, opened
from benchmarks.shop import new_id
from documents.model import Added
from documents.requests import Filing
from documents.service import Documents, Means
from migrations.upgrading import upgrade
from policies.model import Principal, Role
from policies.residency.gate import ResidencyGate
from policies.service import Policies
from stock.service import Stock
from storage.objects import Spool, Vault
from workflow.service import Queue

PAGE_PIXELS = 2_000
PAGE_MB = 4.65
"""What a photo of so many pixels each way takes if it shows nothing but noise."""


@dataclass(frozen=True)
class Archive:
    """A document room, and a person who files."""

    documents: Documents
    clerk: Principal

    def upload(self, content: bytes, name: str) -> Added:
        """Receives a file in one call and accepts it: nothing is left out that the API does with it, but for HTTP."""
        filing = Filing(event_id=new_id(), class_code="certificate")
        passing = self.documents.begin_passing(self.clerk, filing, name, len(content), now=clock())
        with passing.spool.writer() as writer:
            for start in range(0, len(content), 1 << 20):
                writer.write(content[start : start + (1 << 20)])
        added = self.documents.finish_passing(passing)
        assert isinstance(added, Added)
        return added

    def upload_resumably(self, content: bytes, name: str) -> Added:
        """The same as a resumable upload that is not broken off."""
        filing = Filing(event_id=new_id(), class_code="certificate")
        upload = self.documents.begin_upload(self.clerk, filing, name, len(content), now=clock())
        with self.documents.receiving(upload, 0) as writer:
            for start in range(0, len(content), 1 << 20):
                writer.write(content[start : start + (1 << 20)])
        added = self.documents.finish_upload(upload)
        assert isinstance(added, Added)
        return added


@contextmanager
def open_archive(directory: Path, vault: Vault, *, processes: int) -> Iterator[Archive]:
    """The room over this vault, on a log of its own; `processes` check files side by side."""
    url = f"sqlite:///{directory / 'archive.db'}"
    upgrade(url)
    settings = load_settings({"CHOPBOOK_DATA_DIR": str(directory), "CHOPBOOK_CHECKING_PROCESSES": str(processes)})
    with opened(url) as storage:
        policies = Policies(storage.database, storage.log, storage.keys, clock=clock)
        stock = Stock(storage.database, storage.log, policies)
        own = Vault(vault.store, storage.keys, os.urandom)
        spool = Spool(directory / "spool", storage.keys, os.urandom)
        means = Means(storage.database, storage.log, policies, stock, Queue(storage.database), own, clock, os.urandom)
        admin, clerk = policies.local_principal(), policies.local_principal(Role.API_CLIENT)
        gate = ResidencyGate(policies, clock=clock)
        with closing(Children.of(settings)) as children:
            documents = documents_of(settings, means, spool, gate, children)
            storage.log.commit(documents.create_standard_classes(admin, event_id=new_id()))
            yield Archive(documents, clerk)


def paper(size_mb: float) -> tuple[str, bytes]:
    """A file of about so many MB that nothing can make smaller, with its name: a photo, or a PDF with one on each page."""
    if size_mb < PAGE_MB:
        side = round(PAGE_PIXELS * (size_mb / PAGE_MB) ** 0.5)
        return "photo.jpg", _photo(side)
    pages = [Image.open(io.BytesIO(_photo(PAGE_PIXELS))) for _ in range(round(size_mb / PAGE_MB))]
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], quality=95)
    return "paper.pdf", out.getvalue()


def _photo(side: int) -> bytes:
    out = io.BytesIO()
    Image.frombytes("RGB", (side, side), os.urandom(side * side * 3)).save(out, "JPEG", quality=95)
    return out.getvalue()
