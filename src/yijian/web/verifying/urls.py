"""The address at which anybody may check a certificate or a file."""

from django.urls import path

from yijian.web.verifying import views

urlpatterns = [path("verify/", views.verify, name="verify")]
