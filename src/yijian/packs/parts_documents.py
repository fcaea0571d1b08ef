"""文书: the documents of a pack as domain values."""

from yijian.domain import document_specs as specs
from yijian.packs.expressions import Language
from yijian.packs.parts import basis, optional_text, text
from yijian.packs.schema import DocumentSchema, PaperworkSchema, PartSchema, TextSchema


def documents(model: DocumentSchema, words: Language) -> dict[str, specs.DocumentSpec]:
    """What the pack says about each document, in its order."""
    return {id_: _document(model, id_, spec, words) for id_, spec in model.paperwork.items()}


def _document(
    model: DocumentSchema, id_: str, spec: PaperworkSchema, words: Language
) -> specs.DocumentSpec:
    return specs.DocumentSpec(
        id=id_,
        title=text(_title(model, spec)),
        layout=spec.layout,
        on=tuple(spec.on),
        again=spec.again,
        scope=spec.scope,
        parts=tuple(_part(model, part_id, part, words) for part_id, part in spec.parts.items()),
        seal=spec.seal,
        watermark=spec.watermark,
        number=spec.number,
        readers=tuple(spec.readers),
        statement=spec.statement,
        signed_by={role: text(title) for role, title in spec.signed_by.items()},
        signers=spec.signers,
        signed=spec.signed,
        filed=specs.Filed(spec.filed.folder, spec.filed.item) if spec.filed else None,
        when=words.condition(spec.when) if spec.when else None,
        only_with=spec.only_with,
        given=tuple(spec.given),
        basis=basis(spec.basis) if spec.basis else None,
        decision=spec.decision,
    )


def _title(model: DocumentSchema, spec: PaperworkSchema) -> TextSchema:
    if spec.title is not None:
        return spec.title
    assert spec.statement is not None
    return model.statements[spec.statement].title


def _part(model: DocumentSchema, id_: str, part: PartSchema, words: Language) -> specs.DocumentPart:
    return specs.DocumentPart(
        id=id_,
        title=optional_text(part.title),
        text=optional_text(model.words[part.word] if part.word else part.text),
        style=part.style,
        facts=tuple(part.facts),
        official=part.official,
        sheet=part.sheet,
        ticks=tuple(part.ticks),
        wide=tuple(part.wide),
        labels={name: text(label) for name, label in part.labels.items()},
        elsewhere=tuple(part.elsewhere),
        fill={cell: named.fact for cell, named in part.fill.items()},
        say={cell: text(words) for cell, words in part.say.items()},
        pairs=part.pairs,
        listed=part.listed,
        head=tuple(text(column) for column in part.head),
        widths=tuple(part.widths),
        qr=optional_text(part.qr),
        when=words.condition(part.when) if part.when else None,
        on=tuple(part.on),
        mailed=part.mailed,
    )
