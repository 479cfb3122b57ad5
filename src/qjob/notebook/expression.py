"""The expression of ``%qjob submit``: evaluated in the user's namespace; what is wrong with it is said in a line.

What the user's own code raises while it is evaluated is theirs, and keeps its traceback.
"""

import ast
from typing import Any

from qjob.model.backend import did_you_mean
from qjob.model.errors import InvalidRequest
from qjob.notebook.found import circuits_in


def evaluate(shell: Any, text: str) -> object:
    """Return the value of an expression.

    Raises
    ------
    InvalidRequest
        It is no Python expression, or a name in it is not defined.
    """
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError as error:
        raise InvalidRequest(
            f"{text!r} is no Python expression: {error.msg}.",
            remedy="Give one variable or expression, and options: %qjob submit qc --shots 1000",
        ) from error
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    try:
        return shell.ev(text)
    except NameError as error:
        if error.name not in names - set(shell.user_ns):
            raise  # from within a function that the expression calls
        circuits = list(circuits_in(shell.user_ns))
        listed = f"Circuits here: {', '.join(circuits)}" if circuits else "Run the cell that makes it first."
        raise InvalidRequest(
            f"there is no variable {error.name!r}{did_you_mean(error.name, circuits)}.", remedy=listed
        ) from error
