"""Addresses of the console, all below /console/. Each area adds its own lines."""

from django.urls import URLPattern, URLResolver, path

from yijian.web.console import (
    audit,
    monthly,
    offices,
    predictions,
    proposals,
    simulation,
    staff,
    supervision,
    training,
    turned_away,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", supervision.home, name="console"),
    path("node/", supervision.node, name="console_node"),
    path("at/<str:scope>/", supervision.level, name="console_level"),
    path("at/<str:scope>/<slug:name>.csv", supervision.table, name="console_table"),
    path("report/", monthly.months, name="console_reports"),
    path("report/<slug:month>/", monthly.report, name="console_report"),
    path("turned-away/", turned_away.overview, name="turned_away"),
    path("policy/<uuid:draft>/simulation/", simulation.overview, name="policy_simulation"),
    path(
        "policy/<uuid:draft>/simulation/actual/",
        predictions.actual,
        name="policy_simulation_actual",
    ),
    path(
        "policy/<uuid:draft>/simulation/<uuid:simulation>/",
        simulation.run,
        name="policy_simulation_run",
    ),
    path(
        "policy/<uuid:draft>/simulation/<uuid:simulation>/cancel/",
        simulation.cancel,
        name="policy_simulation_cancel",
    ),
    path("staff/", staff.overview, name="console_staff"),
    path("staff/new/", staff.appoint, name="console_staff_new"),
    path("staff/<uuid:staff_id>/", staff.one, name="console_staff_one"),
    path("offices/", offices.overview, name="console_offices"),
    path("offices/new/", offices.new, name="console_office_new"),
    path("offices/<str:code>/", offices.one, name="console_office"),
    path("proposals/", proposals.overview, name="console_proposals"),
    path("proposals/<uuid:proposal_id>/", proposals.one, name="console_proposal"),
    path("audit/", audit.overview, name="console_audit"),
    path("audit/case/", audit.of_case, name="console_audit_case"),
    path("audit/reads/", audit.of_reads, name="console_audit_reads"),
    path("audit/acts/", audit.of_acts, name="console_audit_acts"),
    path("training/", training.page, name="console_training"),
]
