"""Addresses of the archive, all below /desk/archive/."""

from django.urls import path

from yijian.web.archive import disposing, handing, reading

urlpatterns = [
    path("", reading.room, name="archive"),
    path("packages/<uuid:package_id>/", reading.package, name="archive_package"),
    path("packages/<uuid:package_id>/zip/", reading.whole, name="archive_zip"),
    path("packages/<uuid:package_id>/report/", reading.report, name="archive_report"),
    path("packages/<uuid:package_id>/again/", reading.again, name="archive_again"),
    path("packages/<uuid:package_id>/files/<int:place>/", reading.one_file, name="archive_file"),
    path("batches/", handing.overview, name="archive_batches"),
    path("batches/<uuid:batch_id>/", handing.batch, name="archive_batch"),
    path("batches/<uuid:batch_id>/medium/", handing.medium, name="archive_medium"),
    path("disposals/", disposing.overview, name="archive_disposals"),
]
