"""Addresses that anybody may open: the start page and the guide."""

from django.urls import path

from yijian.web.guide import asking, printing, status, views

urlpatterns = [
    path("", views.start, name="start"),
    path("at/<slug:pack>/", views.entrance, name="entrance"),
    path("guide/", views.guides, name="guides"),
    path("ask/", asking.ask, name="ask_guide"),
    path("status/", status.status, name="status"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("guide/<slug:pack>/", views.guide, name="guide"),
    path("guide/<slug:pack>/answer/", views.answer, name="guide_answer"),
    path("guide/<slug:pack>/print/<slug:kind>/", printing.printed, name="guide_printed"),
]
