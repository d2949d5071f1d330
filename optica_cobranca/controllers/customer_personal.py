import json

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import content_disposition, request

from ..models.desk.res_partner import as_read
from .customer_access import customer_page
from .customer_contract import pdf

JSON = "application/json; charset=utf-8"
MOST_COLUMNS = 8
LONGEST_CELL = 60  # characters


class PersonalPages(http.Controller):
    """What is about the person who is logged in: prescriptions, and all that the shop keeps.

    By login only. Of a company's contacts each sees what is about themselves, never about the
    others.
    """

    @customer_page("/prescriptions", by=["personal"])
    def customer_prescriptions(self, access, **_params):
        """Whose, of when, until when: no dioptres, they are in the PDF, which is logged."""
        return access.render(
            "optica_cobranca.customer_prescriptions",
            {"prescriptions": self._prescriptions(access), "page_name": "optica_prescriptions"},
        )

    @customer_page("/prescriptions/<int:prescription_id>.pdf", by=["personal"])
    def customer_prescription(self, access, prescription_id, **_params):
        """A copy of one prescription."""
        found = self._prescriptions(access).filtered(lambda record: record.id == prescription_id)
        if not found:
            raise NotFound()
        return pdf("optica_cobranca.report_prescription_copy", found, f"receita-{found.exam_date}")

    @customer_page("/data", by=["personal"])
    def customer_data(self, access, **_params):
        """What the shop keeps, and the ways to take it along (LGPD art. 18)."""
        export = self._export(access, as_read)
        return access.render(
            "optica_cobranca.customer_data",
            {
                "sections": [_for_page(section) for section in export["sections"]],
                "page_name": "optica_customer_data",
            },
        )

    @customer_page("/data.json", by=["personal"])
    def customer_data_json(self, access, **_params):
        """The same for another program to read."""
        return _file(
            json.dumps(self._export(access), ensure_ascii=False, indent=2), JSON, "meus-dados.json"
        )

    # ------------------------------------------------------------- helpers

    def _prescriptions(self, access):
        # The person, not the company that the person may belong to: health is nobody else's.
        return request.env["optica.prescription"]._of_person(
            request.env.user.partner_id, access.companies, access.today
        )

    def _export(self, access, told=None):
        return request.env.user.partner_id._personal_data(access.companies, access.today, told)


def _for_page(section):
    """The columns that say something, and whether each row is a list of its own.

    On a telephone and on paper long texts and many columns have no room beside each other.
    """
    rows = section["rows"]
    columns = [
        column
        for column in section["columns"]
        if any(row[column[0]] not in (None, "") for row in rows)
    ]
    longest = max(len(str(value)) for row in rows for value in row.values())
    is_list = len(rows) == 1 or len(columns) > MOST_COLUMNS or longest > LONGEST_CELL
    return {**section, "columns": columns, "is_list": is_list}


def _file(text, kind, name):
    return request.make_response(
        text, headers=[("Content-Type", kind), ("Content-Disposition", content_disposition(name))]
    )
