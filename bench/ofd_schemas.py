"""`python -m bench.ofd_schemas DIR [FILE…]`: OFD files against the format and its own schemas.

DIR is a folder with the schemas of GB/T 33190 (OFD.xsd, Document.xsd, Page.xsd, …), which are
not ours to ship. Without files, one sample of every layout is set and checked. Ends with 1 when
a file does not keep to the schemas.
"""

import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import xmlschema

from tests.documents.papers import LAYOUTS, paper
from yijian.documents.ofd.checking import faults
from yijian.documents.ofd.markup import MarkupError, parsed
from yijian.documents.ofd.package import parts
from yijian.documents.ofd.writing import ofd_of
from yijian.documents.typesetting import typeset

SCHEMAS = {
    "OFD": "OFD.xsd",
    "Document": "Document.xsd",
    "Page": "Page.xsd",
    "Res": "Res.xsd",
    "Annotations": "Annotations.xsd",
    "PageAnnot": "Annotation.xsd",
    "Signatures": "Signatures.xsd",
    "Signature": "Signature.xsd",
}


def complaints(schemas: Path, ofd: bytes) -> Iterator[str]:
    """Where the parts of an OFD leave the schemas, one sentence each."""
    for name, data in parts(ofd).items():
        if not name.endswith(".xml"):
            continue
        try:
            root = parsed(data)[0].name
        except MarkupError as fault:
            yield f"{name}: {fault}"
            continue
        if root not in SCHEMAS:
            yield f"{name}: the standard knows no {root}"
            continue
        for error in _schema(schemas, SCHEMAS[root]).iter_errors(data.decode()):
            if not _is_newer_digest(root, error):
                yield f"{name}: {error.path}: {error.reason}"


def _is_newer_digest(root: str, error: xmlschema.XMLSchemaValidationError) -> bool:
    """The schemas of 2016 list MD5 and SHA1; GB/T 38540 names SM3 by its object identifier."""
    return root == "Signature" and "attribute CheckMethod" in str(error.reason)


@lru_cache
def _schema(folder: Path, name: str) -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(folder / name)


def main(arguments: list[str]) -> int:
    """Check the files, or a sample of every layout, and say what was found."""
    if not arguments:
        print(__doc__)
        return 2
    schemas = Path(arguments[0])
    files = {name: Path(name).read_bytes() for name in arguments[1:]}
    if not files:
        contents = {layout: paper(layout) for layout in LAYOUTS}
        files = {name: ofd_of(typeset(each).pdf, each) for name, each in contents.items()}
    wrong = 0
    for name, data in files.items():
        found = [*faults(data), *complaints(schemas, data)]
        wrong += bool(found)
        print(f"{name}: {'; '.join(found) or 'keeps to the format and its schemas'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
