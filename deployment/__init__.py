"""Deployment: what ``make package`` adds to the template that Chalice writes, and leaves out of its zip."""

from typing import Any

Json = dict[str, Any]  # a part of a CloudFormation template
