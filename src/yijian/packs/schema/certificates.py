"""电子证照: the shapes of certificates.yaml."""

from typing import Annotated

from pydantic import Field

from yijian.packs.schema.texts import Id, Shape, TextSchema

TypeCode = Annotated[str, Field(pattern=r"^[0-9A-Z]{18}[0-9]{3}$")]
IssuerCode = Annotated[str, Field(pattern=r"^(?:[0-9A-Z]{18}|[0-9]{6})$")]


class HolderSchema(Shape):
    """Whose a certificate is: the facts that hold the name and the ID number."""

    name: Id
    number: Id


class FaceSchema(Shape):
    """One page of a certificate: the facts and results that stand on it, in order."""

    title: TextSchema
    shows: Annotated[list[Id], Field(min_length=1)]
    note: TextSchema | None = None


class CertificateSchema(Shape):
    """证照类型: what the result of `item` becomes, keyed by the type's id.

    `number` and `issued_on` are result fields of the item. `materials` are the materials that it
    stands for in other items; an item that needs `item` sees it in any case. A type whose item a
    scheme does not have is not issued there.
    """

    title: TextSchema
    type_code: TypeCode
    authority: TextSchema
    item: Id
    holder: HolderSchema
    faces: Annotated[dict[Id, FaceSchema], Field(min_length=1)]
    number: Id | None = None
    issued_on: Id | None = None
    issuer: IssuerCode | None = None
    materials: list[Id] = []


class FetchedHolderSchema(Shape):
    """What the certificate of one role stands for."""

    materials: Annotated[list[Id], Field(min_length=1)]


class FetchedSchema(Shape):
    """A certificate that a register gives, keyed as the register calls it.

    `holders` says, by the role of whose it is, which materials it stands for.
    """

    title: TextSchema
    holders: Annotated[dict[Id, FetchedHolderSchema], Field(min_length=1)]
