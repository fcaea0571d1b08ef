"""取名: the name once more, one large character after another, before anything is printed."""

from django.http import HttpResponse

from yijian.web.applicant.characters import glyphs_of, surname_fits
from yijian.web.applicant.doors import Sitting, family_page
from yijian.web.applicant.places import STEPS, may_fill, saved_at
from yijian.web.applicant.values import phrase
from yijian.web.pages import show


@family_page("GET", "POST")
def name(sitting: Sitting) -> HttpResponse:
    """The name once more, one large character after another, before anything is printed."""
    if not may_fill(sitting.place(), sitting.role, sitting.context):
        return sitting.go_on()
    if sitting.request.method == "POST":
        return sitting.go_on()
    cards = name_cards(sitting)
    if not cards:
        return sitting.go_on()
    naming = next(
        (
            section.page
            for section in sitting.context.pack.form
            if any(field.fact == "newborn_name" for field in section.fields)
        ),
        "",
    )
    return show(
        sitting.request,
        "applicant/name.html",
        {
            "number": sitting.number,
            "cards": cards,
            "text": phrase(sitting.context, "name_confirm"),
            "change_url": sitting.url("form", naming),
            "steps": STEPS,
            "saved_at": saved_at(sitting.case),
        },
    )


def name_cards(sitting: Sitting) -> list[dict[str, object]]:
    """Each newborn's name with its characters, and what deserves a second look."""
    cards: list[dict[str, object]] = []
    for subject in sitting.context.subjects(sitting.case, "newborn_name"):
        values = sitting.context.filled(sitting.case, subject, sitting.now)
        given = str(values.get("newborn_name") or "")
        if not given:
            continue
        glyphs = glyphs_of(given)
        parents = (str(values.get("father_name") or ""), str(values.get("mother_name") or ""))
        cards.append(
            {
                "name": given,
                "glyphs": glyphs,
                "any_rare": any(glyph.rare for glyph in glyphs),
                "rare_text": phrase(sitting.context, "rare_characters"),
                "surname_fits": surname_fits(given, parents),
                "subject": subject if sitting.case.newborns > 1 else 0,
            }
        )
    return cards
