"""材料图片: a page of a material at the desk of an office whose item lists it."""

from uuid import UUID

from django.http import HttpResponse

from yijian.actions import materials
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.pictures import shown


@desk_page("GET")
def picture(desk: Desk, task_id: UUID, page_id: UUID) -> HttpResponse:
    """One page; the look is in the access log. What another item lists is not here."""
    found = materials.picture_for_task(by=desk.user, task_id=task_id, page_id=page_id, now=desk.now)
    return shown(found.data)
