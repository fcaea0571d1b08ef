"""办理机构名录: offices.yaml of a pack and its bases becomes the directory that routing asks."""

from pathlib import Path

from yijian.domain.routing import Directory, Office
from yijian.packs.findings import Finding, PackError, nearest
from yijian.packs.parts import text
from yijian.packs.reading import read_offices


def load_directory(packs_dir: Path, code: str) -> Directory:
    """The offices of the pack, in directory order; PackError when the file is wrong.

    An office that serves several divisions stands in the directory once for each of them; the
    first entry of a code is the one that is found by its code.
    """
    schema, tree = read_offices(packs_dir, code)
    findings = [
        Finding(
            tree.at(["offices", office_code, "kind"]),
            f"没有叫“{office.kind}”的机构种类{nearest(office.kind, schema.kinds)}",
        )
        for office_code, office in schema.offices.items()
        if office.kind not in schema.kinds
    ]
    findings += [
        Finding(tree.at(["offices", code_, "channel"]), f"渠道 {o.channel} 要写 participant")
        for code_, o in schema.offices.items()
        if o.channel in ("system", "node") and o.participant is None
    ]
    findings += [
        Finding(
            tree.at(["offices", code_, "hands_over_to"]),
            f"没有叫“{o.hands_over_to}”的机构{nearest(o.hands_over_to, schema.offices)}",
        )
        for code_, o in schema.offices.items()
        if o.hands_over_to is not None and o.hands_over_to not in schema.offices
    ]
    if findings:
        raise PackError(findings)
    return Directory(
        tuple(
            Office(
                code=office_code,
                kind=office.kind,
                title=text(office.title),
                division=division,
                channel=office.channel,
                participant=office.participant,
                phone=office.phone or "",
                address=office.address.zh if office.address else "",
                issues_certificates=office.issues_certificates,
                hands_over_to=office.hands_over_to,
            )
            for office_code, office in schema.offices.items()
            for division in (office.serves or [office.division])
        )
    )
