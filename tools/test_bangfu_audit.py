"""Runs the tests of the verifier: python3 -m unittest tools/test_bangfu_audit.py"""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from bangfu_tests.command_line import CommandLine
from bangfu_tests.damage import Damage
from bangfu_tests.evidence import Evidence
from bangfu_tests.known_answers import KnownAnswers
from bangfu_tests.operator_lies import OperatorLies
from bangfu_tests.packs import Packs
from bangfu_tests.samples import Samples

__all__ = ["CommandLine", "Damage", "Evidence", "KnownAnswers", "OperatorLies", "Packs", "Samples"]

if __name__ == "__main__":
    unittest.main()
