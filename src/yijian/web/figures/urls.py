"""Addresses of the open figures, for everybody."""

from django.urls import path

from yijian.web.figures import views

urlpatterns = [
    path("figures/", views.newest, name="open_figures"),
    path("figures/<slug:month>/", views.page, name="open_figures_month"),
    path("figures/<slug:month>.json", views.as_json, name="open_figures_json"),
    path("figures/<slug:month>.csv", views.as_file, name="open_figures_csv"),
]
