"""A problem as a page: what the API tells, and what the reader can do about it."""

from typing import Final

from api.problem_codes import Code
from api.problems import Problem
from web.outcomes import Shown
from web.visits import Visit

_AGAIN: Final = frozenset({408, 429, 503})


def problem_page(visit: Visit, problem: Problem) -> Shown:
    """The page that tells a problem."""
    told = visit.told(problem)
    return Shown(
        "problem.html",
        {"problem": told, "advice": f"problem.do.{_advice(visit, problem)}"},
        problem.status,
        problem.headers,
    )


def _advice(visit: Visit, problem: Problem) -> str:
    status = problem.status
    if problem.kind.code == Code.INTERNAL.value:
        return "operator"
    if status == 401:
        return "sign_in" if visit.caller is None else "sign_in_again"
    if status == 403:
        return "again" if problem.kind.code == Code.FORM_FOREIGN.value else "denied"
    if status in {404, 405, 410}:
        return "missing"
    return "again" if status in _AGAIN else "correct"
