"""The one address of files. What stands in it is signed, opaque, and lasts for minutes."""

from django.urls import path

from yijian.web.files import views

urlpatterns = [path("files/<str:link>/", views.file, name="file")]
