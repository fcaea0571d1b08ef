"""Addresses of the window, all below /desk/window/. A case's number is public; nothing else is."""

from django.urls import path

from yijian.web.window import (
    after,
    bringing,
    documents,
    entering,
    filling,
    findings,
    printing,
    rating,
    signing,
)

CASE = "<slug:number>/"

urlpatterns = [
    path("", entering.queue, name="desk_window"),
    path("new/", entering.new, name="window_new"),
    path(CASE, entering.case_home, name="window_case"),
    path(f"{CASE}people/", entering.people, name="window_people"),
    path(f"{CASE}findings/", findings.findings, name="window_findings"),
    path(f"{CASE}handover/", entering.handover, name="window_handover"),
    path(f"{CASE}form/", filling.form, name="window_form"),
    path(f"{CASE}materials/", bringing.checklist, name="window_materials"),
    path(f"{CASE}materials/<slug:material>/", bringing.bring, name="window_bring"),
    path(f"{CASE}pictures/<uuid:page_id>/", bringing.picture, name="window_picture"),
    path(f"{CASE}pictures/<uuid:page_id>/remove/", bringing.remove, name="window_remove"),
    path(f"{CASE}sign/", signing.sign, name="window_sign"),
    path(f"{CASE}print/<slug:paper>/", printing.printed, name="window_print"),
    path(f"{CASE}documents/", documents.all_documents, name="window_documents"),
    path(f"{CASE}after/", after.after, name="window_after"),
    path(f"{CASE}correct/<slug:item>/<int:newborn>/", after.correct, name="window_correct"),
    path(f"{CASE}ratings/", rating.ratings, name="window_ratings"),
    path(f"{CASE}ratings/thanks/", rating.thanks, name="window_ratings_thanks"),
    path(f"{CASE}rate/<slug:item>/<int:newborn>/", rating.rate, name="window_rate"),
    path(f"{CASE}withdraw/", after.withdraw, name="window_withdraw"),
]
