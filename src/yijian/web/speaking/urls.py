"""Addresses of complaints, suggestions and questions without login."""

from django.urls import path

from yijian.web.speaking import views

urlpatterns = [
    path("speak/", views.speak, name="speak"),
    path("speak/received/", views.received, name="speak_received"),
    path("speak/follow/", views.follow, name="speak_follow"),
]
