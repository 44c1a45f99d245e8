"""The pure core of the audit log: event, entry, chain, tree, proof, checkpoint.

Rules of this room:

- No I/O, no clock, no randomness: time, salts and private keys are arguments.
- Imports the standard library, `cryptography` and `orjson`, nothing else.
- Parsers accept any bytes and raise only `audit.errors`.
- Checkers return `None` or the verified value; what fails raises.
- Each stored or signed byte has a page in `docs/formats`.
"""
