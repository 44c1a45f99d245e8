"""Where data goes: every destination, who runs it under which contract, on what basis, and the gate that asks.

- Hong Kong has no general rule that keeps data in Hong Kong: PDPO s.33 is enacted and not in force. What is enforced here is the
  organisation's own rule, ORG-RES-1, unless a dated switch says that the section has commenced.
- Registers are rows that entries changed; rules are pure functions of the registers and the day.

Front doors: `policies.service.Policies` (registers, findings, the annex) and `policies.residency.gate.ResidencyGate`.
"""
