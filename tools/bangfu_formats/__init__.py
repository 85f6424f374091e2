"""The formats of docs/audit-formats.md, in its order: strict (JSON), notes, tree, pack, evidence, sample."""
