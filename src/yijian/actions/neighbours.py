"""邻节点: what families see of other nodes: what each is called and where its pages are."""

from dataclasses import dataclass

from yijian.domain.wording import Text
from yijian.records import received_cases
from yijian.records.models import Partner

_DOOR = "/api/v1/events"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """邻节点: another node as a family is led there; `url` is where its pages begin."""

    code: str
    title: Text
    url: str

    def page(self, path: str) -> str:
        """The address of one of its pages."""
        return f"{self.url}/{path.removeprefix('/')}"


def neighbour(code: str) -> Neighbour | None:
    """The node with this code; None for departments and for whom nobody here knows."""
    found = received_cases.nodes([code]) if code else []
    return _neighbour(found[0]) if found else None


def applied_at(pack: str) -> Neighbour | None:
    """The node at which families apply under a pack that is only received here.

    The only one that is known, else the one from which the last case came.
    """
    known = received_cases.nodes()
    if len(known) != 1:
        origin = received_cases.latest_origin(pack)
        known = [one for one in known if one.code == origin]
    return _neighbour(known[0]) if known else None


def _neighbour(partner: Partner) -> Neighbour | None:
    if not partner.endpoint.endswith(_DOOR):
        return None
    zh = partner.name_zh or partner.code
    return Neighbour(
        partner.code, Text(zh, partner.name_en or zh), partner.endpoint.removesuffix(_DOOR)
    )
