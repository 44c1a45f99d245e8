"""Who may do what, where: the organisation tree, people, machine clients and their keys, and every decision.

- Deny by default. A role permits actions; assignments say at which stores; a key narrows both, never widens.
- Decisions come from a snapshot in memory (`policies.directory`), and are taken again under the log's lock if what
  they rest on has moved since.
- Nothing here names a person: names are personal fields under the person's own key.

Front door: `policies.service.Policies`.
"""
