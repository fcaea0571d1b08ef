"""电子证照: the certificate types of a checked document as domain values, and their references."""

from collections.abc import Iterator

from yijian.domain.certificates import CertificateType, Face, FetchedType
from yijian.packs.parts import optional_text, text
from yijian.packs.schema import DocumentSchema

Reference = tuple[tuple[str | int, ...], str, str]


def certificate_types(model: DocumentSchema) -> dict[str, CertificateType]:
    """Every type whose item the scheme has."""
    return {
        id_: CertificateType(
            id=id_,
            title=text(type_.title),
            type_code=type_.type_code,
            authority=text(type_.authority),
            item=type_.item,
            holder_name=type_.holder.name,
            holder_number=type_.holder.number,
            faces=tuple(
                Face(face_id, text(face.title), tuple(face.shows), optional_text(face.note))
                for face_id, face in type_.faces.items()
            ),
            number=type_.number,
            issued_on=type_.issued_on,
            issuer=type_.issuer,
            materials=tuple(type_.materials),
        )
        for id_, type_ in model.certificates.items()
        if type_.item in model.items
    }


def fetched_types(model: DocumentSchema) -> dict[str, FetchedType]:
    """Every certificate of a parent that a register gives."""
    return {
        id_: FetchedType(
            id_,
            text(one.title),
            {role: tuple(holder.materials) for role, holder in one.holders.items()},
        )
        for id_, one in model.fetched.items()
    }


def certificate_references(model: DocumentSchema) -> Iterator[Reference]:
    """What the types name: facts, and results of their item, where the scheme has that item."""
    for id_, type_ in model.certificates.items():
        item = model.items.get(type_.item)
        if item is None:
            continue
        here = ("certificates", id_)
        yield (*here, "holder", "name"), type_.holder.name, "facts"
        yield (*here, "holder", "number"), type_.holder.number, "facts"
        for name in ("number", "issued_on"):
            field = getattr(type_, name)
            if field is not None and field not in item.results:
                yield (*here, name), field, "results"
        for face_id, face in type_.faces.items():
            for index, shown in enumerate(face.shows):
                if shown not in item.results:
                    yield (*here, "faces", face_id, "shows", index), shown, "facts"
