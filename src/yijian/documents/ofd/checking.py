"""Whether an OFD keeps to its format: structure, numbers, references, and nothing beside them.

Strict, and without the schemas of the standard, which this platform does not ship: what is said
here is what a reader needs to open the file and what a forger would leave behind. The schemas are
checked by `python -m bench.ofd_schemas`.
"""

from collections.abc import Iterator
from itertools import islice

from yijian.documents.ofd.markup import NAMESPACE, Element
from yijian.documents.ofd.opened import Opened, opened, placed, shown
from yijian.documents.ofd.package import ENTRY, OfdError, package_faults
from yijian.documents.ofd.signing import signature_parts

MOST_FAULTS = 100

_NUMBERED = {
    "Page", "TemplatePage", "Layer", "TextObject", "PathObject", "ImageObject", "CompositeObject",
    "PageBlock", "Annot", "Font", "MultiMedia", "ColorSpace", "DrawParam", "CompositeGraphicUnit",
}  # fmt: skip
_REFERENCES = {
    "Font": "Font",
    "ResourceID": "MultiMedia or CompositeGraphicUnit",
    "DrawParam": "DrawParam",
    "ColorSpace": "ColorSpace",
}
_RESOURCES = ("PublicRes", "DocumentRes")
_FILES = ("FontFile", "MediaFile")


def faults(ofd: bytes) -> tuple[str, ...]:
    """Everything that is wrong with the file, as sentences; empty when it is sound."""
    broken = package_faults(ofd)
    if broken:
        return broken[:MOST_FAULTS]
    return tuple(islice(_Check(opened(ofd)).faults(), MOST_FAULTS))


class _Check:
    def __init__(self, package: Opened) -> None:
        self._package = package
        self._met: set[str] = set()
        self._ids: dict[str, str] = {}
        self._wanted: list[tuple[str, str, str]] = []
        self._found: list[str] = []

    def faults(self) -> Iterator[str]:
        entry = self._xml(ENTRY, "OFD")
        if entry is not None:
            bodies = list(entry.all("DocBody"))
            self._unless(bool(bodies), "the package holds no document")
            for body in bodies:
                self._body(body)
            if any(body.words("Signatures") for body in bodies):
                self._signatures()
        yield from self._found
        for name in self._package.parts:
            if name not in self._met:
                yield f"the part {shown(name)} belongs to nothing in the document"

    def _unless(self, right: bool, fault: str) -> None:
        if not right:
            self._found.append(fault)

    def _xml(self, path: str, root: str) -> Element | None:
        self._met.add(path)
        try:
            element = self._package.xml(path)
        except OfdError as fault:
            self._found.append(str(fault))
            return None
        if element.name != root:
            self._found.append(f"the part {shown(path)} is a {element.name[:40]}, not a {root}")
            return None
        strange = next((each for each in element.within() if each.namespace != NAMESPACE), None)
        if strange is not None:
            known = shown(strange.namespace or "none")
            self._found.append(f"the part {shown(path)} is in the name space {known}, not OFD's")
        return element

    def _body(self, body: Element) -> None:
        self._ids, self._wanted = {}, []
        self._unless(bool(body.words("DocInfo", "DocID")), "the document has no DocID")
        root = body.words("DocRoot")
        if not root:
            self._found.append("the document does not say where it begins")
            return
        path = placed(ENTRY, root)
        document = self._xml(path, "Document")
        if document is None:
            return
        self._resources(path, document)
        pages = self._pages(path, document)
        notes = document.words("Annotations")
        if notes:
            self._annotations(placed(path, notes), pages)
        for kind, id_, where in self._wanted:
            kinds = kind.split(" or ")
            known = self._ids.get(id_)
            self._unless(known in kinds, f"{shown(where)} refers to a {kind} {id_[:20]}: not there")
        self._largest(document)

    def _largest(self, document: Element) -> None:
        said = document.words("CommonData", "MaxUnitID")
        if not said.isdecimal():
            self._found.append("the document does not say its largest number")
            return
        largest = max((int(id_) for id_ in self._ids if id_.isdecimal()), default=0)
        self._unless(int(said[:12]) >= largest, f"a number is larger than the largest, {said[:12]}")

    def _resources(self, path: str, document: Element) -> None:
        common = document.one("CommonData")
        for kind in _RESOURCES:
            for given in common.all(kind) if common else ():
                self._resource(placed(path, given.text.strip()))

    def _resource(self, path: str) -> None:
        root = self._xml(path, "Res")
        if root is None:
            return
        base = root.attributes.get("BaseLoc", "")
        folder = placed(path, base) + "/"
        self._number(root, path)
        for element in root.within():
            if element.name in _FILES:
                self._file(placed(folder, element.text.strip()), path)

    def _file(self, name: str, where: str) -> None:
        self._met.add(name)
        there = name in self._package.parts
        self._unless(there, f"{shown(where)} refers to the part {shown(name)}: not there")

    def _pages(self, path: str, document: Element) -> set[str]:
        listed = document.one("Pages")
        pages = list(listed.all("Page")) if listed else []
        self._unless(bool(pages), "the document has no page")
        common = document.one("CommonData")
        templates = list(common.all("TemplatePage")) if common else []
        for page in (*templates, *pages):
            self._take(page, path)
            where = placed(path, page.attributes.get("BaseLoc", ""))
            content = self._xml(where, "Page")
            if content is None:
                continue
            for given in content.all("PageRes"):
                self._resource(placed(where, given.text.strip()))
            for used in content.all("Template"):
                wanted = used.attributes.get("TemplateID", "")
                self._wanted.append(("TemplatePage", wanted, where))
            self._number(content, where)
        return {page.attributes.get("ID", "") for page in pages}

    def _annotations(self, path: str, pages: set[str]) -> None:
        listed = self._xml(path, "Annotations")
        for page in listed.all("Page") if listed else ():
            known = page.attributes.get("PageID", "") in pages
            self._unless(known, f"{shown(path)} annotates a page that is not there")
            where = placed(path, page.words("FileLoc"))
            notes = self._xml(where, "PageAnnot")
            if notes is not None:
                self._number(notes, where)

    def _number(self, root: Element, where: str) -> None:
        """Every object in a part has a number of its own, and what it refers to is noted."""
        for element in root.within():
            if element is not root and element.name in _NUMBERED and element.name != "Page":
                self._take(element, where)
            for attribute, kind in _REFERENCES.items():
                wanted = element.attributes.get(attribute)
                if wanted is not None:
                    self._wanted.append((kind, wanted, where))

    def _take(self, element: Element, where: str) -> None:
        id_ = element.attributes.get("ID", "")
        if not id_.isdecimal():
            self._found.append(f"a {element.name} in {shown(where)} has no number")
        elif id_ in self._ids:
            self._found.append(f"the number {id_[:20]} is used twice, again in {shown(where)}")
        self._ids[id_] = element.name

    def _signatures(self) -> None:
        entry = self._package.xml(ENTRY)
        listed = placed(ENTRY, entry.words("DocBody", "Signatures"))
        self._xml(listed, "Signatures")
        try:
            signatures = signature_parts(self._package)
        except OfdError as fault:
            self._found.append(str(fault))
            return
        for each in signatures:
            self._xml(each.path, "Signature")
            for name in each.files:
                self._file(name, each.path)
            for reference in each.references:
                there = reference.actual is not None
                gone = f"{shown(each.path)} vouches for {shown(reference.path)}: not there"
                self._unless(there, gone)
