"""Addresses of the parents' door. A case's number is public; nothing personal stands in one."""

from django.urls import path

from yijian.web.applicant import (
    bringing,
    checking,
    choosing,
    disputing,
    documents,
    entering,
    filling,
    following,
    naming,
    papers,
    signing,
    wallet,
)

CASE = "my/cases/<slug:number>/"

urlpatterns = [
    path("my/", entering.my_cases, name="my"),
    path("my/new/", entering.new_case, name="new"),
    path(CASE, entering.case_home, name="case"),
    path(f"{CASE}scheme/", choosing.scheme, name="scheme"),
    path(f"{CASE}notice/", entering.notice, name="notice"),
    path(f"{CASE}checking/", checking.checking, name="checking"),
    path(f"{CASE}parked/", checking.parked, name="parked"),
    path(f"{CASE}refused/", checking.refused, name="refused"),
    path(f"{CASE}repair/", checking.repair, name="repair"),
    path(f"{CASE}recheck/", checking.recheck, name="recheck"),
    path(f"{CASE}form/<slug:page>/", filling.form, name="form"),
    path(f"{CASE}name/", naming.name, name="name"),
    path(f"{CASE}dispute/<slug:section>/", disputing.dispute, name="dispute"),
    path(f"{CASE}materials/", bringing.materials, name="materials"),
    path(f"{CASE}pictures/<uuid:page_id>/", bringing.picture, name="material_picture"),
    path(f"{CASE}pictures/<uuid:page_id>/remove/", bringing.remove, name="material_remove"),
    path(f"{CASE}check/", filling.check, name="check"),
    path(f"{CASE}sign/", signing.sign, name="sign"),
    path(f"{CASE}sign/withdraw/", signing.withdraw_signature, name="withdraw_signature"),
    path(f"{CASE}reopen/", signing.reopen, name="reopen"),
    path(f"{CASE}live-check/", signing.live_check, name="live_check"),
    path(f"{CASE}live-check/return/", signing.live_check_return, name="live_check_return"),
    path(f"{CASE}waiting/", signing.waiting, name="waiting"),
    path(f"{CASE}progress/", following.progress, name="progress"),
    path(f"{CASE}status-code/", following.change_code, name="change_code"),
    path(f"{CASE}asks/<slug:item>/<int:newborn>/<slug:ask>/", following.ask, name="ask"),
    path(f"{CASE}correct/<slug:item>/<int:newborn>/", following.correct, name="correct"),
    path(f"{CASE}withdraw/", following.withdraw, name="withdraw"),
    path(f"{CASE}letters/", following.all_letters, name="letters"),
    path(f"{CASE}documents/", documents.all_documents, name="documents"),
    path(f"{CASE}certificates/", wallet.wallet, name="wallet"),
    path(f"{CASE}packet/", papers.packet, name="packet"),
    path(f"{CASE}deadlines.ics", papers.deadlines, name="deadlines"),
]
