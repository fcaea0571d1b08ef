"""Addresses that anybody may open: the start page and the guide."""

from django.urls import path

from yijian.web.guide import printing, views

urlpatterns = [
    path("", views.start, name="start"),
    path("guide/", views.guide, name="guide"),
    path("guide/answer/", views.answer, name="guide_answer"),
    path("guide/<slug:pack>/print/<slug:kind>/", printing.printed, name="guide_printed"),
]
