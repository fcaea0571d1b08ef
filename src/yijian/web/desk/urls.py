"""Addresses of the work desk, all below /desk/."""

from django.urls import include, path

from yijian.web.desk import (
    batches,
    deciding,
    deliveries,
    documents,
    lists,
    papers,
    parcels,
    pictures,
    reconciling,
    reviewing,
    stock,
)

urlpatterns = [
    path("", lists.home, name="desk"),
    path("tasks/", lists.worklist, name="desk_tasks"),
    path("unrouted/", lists.unrouted, name="desk_unrouted"),
    path("window/", include("yijian.web.window.urls")),
    path("counts/", lists.office_counts, name="desk_counts"),
    path("tasks/<uuid:task_id>/", reviewing.review, name="desk_task"),
    path("tasks/<uuid:task_id>/decide/", deciding.decide, name="desk_decide"),
    path(
        "tasks/<uuid:task_id>/materials/<uuid:page_id>/",
        pictures.picture,
        name="desk_material",
    ),
    path("parcels/", parcels.overview, name="desk_parcels"),
    path("parcels/<uuid:parcel_id>/", parcels.parcel, name="desk_parcel"),
    path("documents/", documents.overview, name="desk_documents"),
    path("documents/<uuid:document_id>/", documents.document, name="desk_document"),
    path("archive/", include("yijian.web.archive.urls")),
    path("batch/", batches.batch, name="desk_batch"),
    path("stock/", stock.stock, name="desk_stock"),
    path("stock/report.csv", stock.report, name="desk_stock_report"),
    path("papers/", papers.papers, name="desk_papers"),
    path("papers/find/", papers.find, name="desk_paper_find"),
    path("papers/act/", papers.act, name="desk_paper_act"),
    path("papers/reconciliation/", reconciling.reconciliation, name="desk_reconciliation"),
    path("papers/reconciliation.csv", reconciling.as_csv, name="desk_reconciliation_csv"),
    path("papers/<uuid:sheet_id>/", papers.paper, name="desk_paper"),
    path("handovers/", handing_over.overview, name="desk_handovers"),
    path("handovers/<uuid:batch_id>/", handing_over.handover, name="desk_handover"),
    path("handovers/<uuid:batch_id>/list.pdf", handing_over.printed, name="desk_handover_list"),
    path("undo/", deciding.undo, name="desk_undo"),
    path("deliveries/", deliveries.overview, name="desk_deliveries"),
    path("deliveries/new/", deliveries.new, name="desk_delivery_new"),
    path("deliveries/<uuid:record_id>/", deliveries.change, name="desk_delivery"),
]
