"""Every page of the node: for families, for visitors, for people who log in, for the demo."""

import importlib.util

from django.urls import include, path

urlpatterns = [
    path("", include("yijian.web.guide.urls")),
    path("", include("yijian.web.accounts.urls")),
    path("", include("yijian.web.demo.urls")),
    path("", include("yijian.web.verifying.urls")),
    path("", include("yijian.web.applicant.urls")),
    path("", include("yijian.web.speaking.urls")),
    path("", include("yijian.web.files.urls")),
    path("", include("yijian.web.figures.urls")),
]
if importlib.util.find_spec("yijian.web.desk") is not None:
    urlpatterns.append(path("desk/", include("yijian.web.desk.urls")))
    urlpatterns.append(path("console/", include("yijian.web.console.urls")))
