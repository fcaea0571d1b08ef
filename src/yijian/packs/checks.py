"""检查政策包: everything `yijian packs check` says about a pack, place by place."""

from collections.abc import Iterator
from pathlib import Path

from yijian.domain.policy import Pack
from yijian.packs import calendar
from yijian.packs.building import build_source
from yijian.packs.checks_base import check_base
from yijian.packs.checks_coverage import check_coverage
from yijian.packs.checks_documents import check_documents
from yijian.packs.checks_examples import check_examples
from yijian.packs.checks_form import check_form
from yijian.packs.checks_offices import check_offices
from yijian.packs.checks_rules import check_items, check_promise, check_rules, check_signing
from yijian.packs.checks_schemes import check_schemes
from yijian.packs.checks_words import check_words
from yijian.packs.findings import Finding, PackError, Severity, in_order
from yijian.packs.loading import load_context
from yijian.packs.offices import load_directory
from yijian.packs.reading import OFFICES, Source, base_findings, is_base, read_folder
from yijian.packs.sources_of_facts import FactSources


def check(packs_dir: Path, code: str, *, coverage: bool = True) -> tuple[Finding, ...]:
    """Every finding about the pack `code`, errors and warnings, in reading order.

    Whether the examples reach every rule takes longer than all the rest, and is left out without
    `coverage`.
    """
    try:
        if is_base(packs_dir, code):
            return in_order(base_findings(packs_dir, code))
        source = read_folder(packs_dir, code)
        pack = build_source(source)
    except PackError as error:
        return error.findings
    findings = [*_meaning(source, pack), *_offices(packs_dir, source, pack)]
    findings += [*check_schemes(packs_dir, source, pack), *check_base(packs_dir, source, pack)]
    findings += [*check_offices(packs_dir, code), *check_examples(packs_dir, pack)]
    if coverage and all(finding.severity is not Severity.ERROR for finding in findings):
        findings += check_coverage(packs_dir, source, load_context(packs_dir, code))
    return in_order(findings)


def _meaning(source: Source, pack: Pack) -> Iterator[Finding]:
    facts = FactSources(source.model)
    yield from check_rules(source, pack, facts)
    yield from check_items(source, pack, facts)
    yield from check_promise(source, pack)
    yield from check_signing(source, pack)
    yield from check_form(source, pack, facts)
    yield from check_words(source, pack)
    yield from check_documents(source, pack)


def _offices(packs_dir: Path, source: Source, pack: Pack) -> Iterator[Finding]:
    try:
        calendar.load_for(packs_dir, pack.code)
        directory = load_directory(packs_dir, pack.code)
    except PackError as error:
        yield from error.findings
        return
    for code, item in pack.items.items():
        if not any(directory.of_kind(item.office_kind)):
            sentence = f"{OFFICES} 里没有种类为“{item.office_kind}”的机构，子办件会等人工指派"
            place = source.place("items", code, "office_kind")
            yield Finding(place, sentence, Severity.WARNING)
