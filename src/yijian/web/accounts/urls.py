"""Addresses around logging in, and of the two switches in every page's header."""

from django.urls import path

from yijian.web.accounts import views

urlpatterns = [
    path("preferences", views.preferences, name="preferences"),
    path("enter/", views.enter, name="enter"),
    path("leave/", views.leave, name="leave"),
]
