"""Addresses of the console, all below /console/. Each area adds its own lines."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
