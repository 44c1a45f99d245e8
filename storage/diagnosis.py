"""x"""
from storage.verification_session import Session
from pathlib import Path
from audit.faults import Fault, Report
def diagnose(session: Session, fault: Fault, directory: Path) -> Report:
    """x"""
    session.found.add(fault)
    return session.report("whole", b"", complete=True)
