"""From words to facts: type, fields, rows, checks, confidence, and what a person should look at.

from documents.extraction.extracting import extract

extraction = extract(reading, registers)
"""
