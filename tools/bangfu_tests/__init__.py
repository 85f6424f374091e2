"""Tests of the verifier; `test_bangfu_audit.py` beside this folder runs them."""
