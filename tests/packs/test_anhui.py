"""安徽省: what its pack says that no example can, because it is about papers and not about tasks."""

from tests.packs.edited import PACKS
from yijian.packs.loading import load_context


def test_the_counterfoil_goes_to_the_family_when_the_police_did_not_register() -> None:
    custody = {rule.part: rule for rule in load_context(PACKS, "340000-anhui").pack.custody}
    kept, given = custody["counterfoil"].when, custody["counterfoil_for_the_counter"].when
    assert kept is not None and given is not None
    for failed in ([], ["social_security_card"], ["hukou_registration"]):
        facts = {"items_failed": failed}
        assert given.holds(facts) is ("hukou_registration" in failed)
        assert kept.holds(facts) is ("hukou_registration" not in failed)


def test_the_counterfoil_and_the_stub_go_to_the_archive_each_quarter() -> None:
    custody = {rule.part: rule for rule in load_context(PACKS, "340000-anhui").pack.custody}
    for part in ("counterfoil", "stub"):
        assert "国家综合档案馆" in custody[part].goes_to.zh
        assert "每季度末" in custody[part].every.zh
        assert "助产机构" in custody[part].holder.zh
    assert "家长" in custody["main_page"].goes_to.zh
