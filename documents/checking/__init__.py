"""Is this file what it says, and nothing else? Checked in the sandbox before anything is sealed.

`service.Checker` is the front door; `checker.check` what runs inside. `scanner` talks to the virus scanner, `sanitise`
cleans photos, `codes` has every reason for a refusal in both languages. docs/upload-security.md is the page about it.
"""
