"""Bringing a file of stock movements into the log.

Stages, each knowing only the one before:

1. `mapping`: a TOML file says what the columns mean; nothing in here knows any particular file.
2. `encoding`, `delimited`, `workbook`: bytes become records, each with the line it came from.
3. `translating`: a record becomes a movement, or a rejection with a reason.
4. `running`: movements become adjustments, in batches; what was logged before is replayed, not doubled.
5. `report`: every record is accounted for: in = logged + replayed + rejected.
"""
