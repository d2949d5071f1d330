from odoo import fields, models
from odoo.exceptions import UserError


class DunningLetterFate(models.TransientModel):
    """What happened to letters after printing: posted, delivered, come back; many at once."""

    _name = "dunning.letter.fate"
    _description = "What Happened to Letters"

    mode = fields.Selection(
        [("post", "Posted"), ("deliver", "Delivered"), ("return", "Returned")],
        required=True,
        readonly=True,
        default="post",
    )
    letter_ids = fields.Many2many("dunning.letter", required=True)
    day = fields.Date(string="On", required=True, default=fields.Date.context_today)
    codes = fields.Text(
        string="Tracking Codes",
        help="One line a letter, in the order of the list; or “customer's CPF or letter's number; "
        "code”. Paste them from the post office's list. Empty: posted without tracking.",
    )
    reason = fields.Char(help="As the post office marked it: moved, unknown, refused.")

    # ------------------------------------------------------------- actions

    def action_apply(self):
        """Write it down for all of these letters."""
        if self.day > fields.Date.context_today(self):
            raise UserError(self.env._("This day has not come yet."))
        letters = self.letter_ids._for_collector()
        if self.mode == "post":
            letters._post(self.day, self._codes_by_letter(letters))
        elif self.mode == "deliver":
            letters._deliver(self.day)
        else:
            letters._return(self.day, self.reason)
        return {"type": "ir.actions.act_window_close"}

    # ------------------------------------------------------------- helpers

    def _codes_by_letter(self, letters):
        """{letter: tracking code} from what was pasted.

        :raise UserError: more or fewer codes than letters, or a line that names no letter
        """
        rows = [line.strip() for line in (self.codes or "").splitlines() if line.strip()]
        if not rows:
            return {}
        if any(";" in row or "\t" in row for row in rows):
            return {self._named(row, letters): _parts(row)[1] for row in rows}
        if len(rows) != len(letters):
            raise UserError(
                self.env._(
                    "%(codes)s codes for %(letters)s letters: paste one line for each letter.",
                    codes=len(rows),
                    letters=len(letters),
                )
            )
        return dict(zip(letters, rows, strict=True))

    def _named(self, row, letters):
        key = _plain(_parts(row)[0])
        found = letters.filtered(
            lambda letter: key in (str(letter.id), _plain(letter.partner_id.vat or ""))
        )
        if len(found) != 1:
            raise UserError(self.env._("“%s” does not name exactly one of these letters.", row))
        return found


def _parts(row):
    key, _, code = row.replace("\t", ";").partition(";")
    return key.strip(), code.strip()


def _plain(text):
    return "".join(character for character in text if character.isalnum()).upper()
