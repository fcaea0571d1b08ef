"""Addresses that anybody may open: the start page and the guide."""

from django.urls import path

from yijian.web.guide import views

urlpatterns = [
    path("", views.start, name="start"),
    path("guide/", views.guide, name="guide"),
    path("guide/answer/", views.answer, name="guide_answer"),
]
