"""生育保险信息: the maternity insurance register (medical insurance), asked by the mother's number."""

from __future__ import annotations

from typing import Final

from yijian.domain.cases import CheckState
from yijian.gateways.registers.answers import (
    Answer,
    Poster,
    Query,
    family,
    receipt_of,
    the_mother,
)
from yijian.gateways.registers.reading import Reader

REGISTER: Final = "maternity"
MOST_FEN: Final = 100_000_000


def ask(query: Query, caller: Poster, url: str, headers: dict[str, str]) -> Answer:
    """How the mother is insured and whether the delivery has been settled; `none` when unknown."""
    mother = the_mother(query)
    body = {"mother_id_number": mother.id_number, **query.naming(mother)}
    answer = Reader(caller.post(f"{url}/maternity", body, headers=headers))
    receipt = receipt_of(answer, query)
    if not answer.yes_no("found"):
        values: dict[str, object] = {
            "maternity_insured": "none",
            "maternity_division": None,
            "maternity_settled": False,
            "maternity_pool": None,
            "maternity_amount_fen": None,
            "maternity_allowance": False,
        }
        return Answer(REGISTER, CheckState.EMPTY, family(values), (receipt,))
    given = answer.part("maternity")
    values = {
        "maternity_insured": given.code("insured", ("employee", "resident", "none")),
        "maternity_division": given.optional_matching("division", r"\d{6}"),
        "maternity_settled": given.yes_no("settled"),
        "maternity_pool": given.code("pool", ("inside", "outside")),
        "maternity_amount_fen": given.optional_number("amount_fen", 0, MOST_FEN),
        "maternity_allowance": given.yes_no("allowance"),
    }
    return Answer(REGISTER, CheckState.FOUND, family(values), (receipt,))
