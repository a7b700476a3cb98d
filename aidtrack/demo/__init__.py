"""The demonstration: the Dnipro centre of 2022, built through the ordinary services."""

from aidtrack.demo.loading import DemoResult, load
from aidtrack.demo.stage import SignIn

__all__ = ["DemoResult", "SignIn", "load"]
