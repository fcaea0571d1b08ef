"""The address of the demo's front page."""

from django.urls import path

from yijian.web.demo import views

urlpatterns = [path("demo/", views.demo, name="demo")]
