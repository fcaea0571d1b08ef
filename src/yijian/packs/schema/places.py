"""办理机构名录: the shape of offices.yaml, the directory that routing looks things up in."""

from typing import Literal

from yijian.packs.schema.texts import Code, Division, Id, Label, Shape, TextSchema


class OfficeKindSchema(Shape):
    """A kind of office, as items name it in `office_kind`.

    `keeps_numbers`: certificate numbers come down to institutions through offices of this kind.
    `own_desk_only`: who supervises at such an office watches its own desk, not its whole place.
    """

    title: TextSchema
    keeps_numbers: bool = False
    own_desk_only: bool = False


class OfficeSchema(Shape):
    """One office, keyed by its code. `serves` are the divisions it serves (prefixes count).

    `channel` is how its parts reach it: `desk`, `system` (then `participant` is its name on the
    wire), `node` or `file`. An institution that does not issue certificates itself hands families
    over to another office.
    """

    kind: Id
    title: TextSchema
    division: Division
    serves: list[Division] = []
    phone: Label | None = None
    address: TextSchema | None = None
    hours: TextSchema | None = None
    channel: Literal["desk", "system", "node", "file"] = "desk"
    participant: Label | None = None
    issues_certificates: bool = True
    hands_over_to: Code | None = None


class OfficesSchema(Shape):
    """offices.yaml: kinds of office, and the offices."""

    kinds: dict[Id, OfficeKindSchema] = {}
    offices: dict[Code, OfficeSchema] = {}
