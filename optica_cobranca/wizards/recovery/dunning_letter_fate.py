from collections import Counter

from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class DunningLetterFate(models.TransientModel):
    """What happened to letters after printing: posted, delivered, come back; many at once.

    Tracking codes stand beside their letters, in the order of the printed pile, before anything is
    written: they prove who was written to. They are pasted as a list, or scanned: the letter's own
    bars first, then the post office's label.
    """

    _name = "dunning.letter.fate"
    _description = "What Happened to Letters"

    mode = fields.Selection(
        [("post", "Posted"), ("deliver", "Delivered"), ("return", "Returned")],
        required=True,
        readonly=True,
        default="post",
    )
    letter_ids = fields.Many2many("dunning.letter", required=True)
    line_ids = fields.One2many(
        "dunning.letter.fate.line",
        "fate_id",
        string="In the Order of the Pile",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    day = fields.Date(string="On", required=True, default=fields.Date.context_today)
    scan = fields.Char(help="Scan the bars of the letter, then those of the label on its envelope.")
    scanned_letter_id = fields.Many2one("dunning.letter", readonly=True)
    scan_message = fields.Char(readonly=True)
    codes = fields.Text(
        string="Paste Codes",
        help="One line a letter, in the order of the printed pile; or “letter's number; code” or "
        "“CPF; code”. Paste them from the post office's list. Empty: posted without tracking.",
    )
    reason = fields.Char(help="As the post office marked it: moved, unknown, refused.")

    # ------------------------------------------------------------- compute

    @api.depends("letter_ids")
    def _compute_line_ids(self):
        for fate in self:
            ordered = fate.letter_ids._origin._in_print_order()
            fate.line_ids = [
                Command.clear(),
                *(Command.create({"letter_id": letter.id}) for letter in ordered),
            ]

    @api.onchange("codes")
    def _onchange_codes(self):
        """What was pasted stands beside its letters at once."""
        if not (self.codes or "").strip():
            return
        found = self._pasted(self.letter_ids._origin._in_print_order())
        for line in self.line_ids:
            line.code = found.get(line.letter_id._origin, line.code)
        self.codes = False

    @api.onchange("scan")
    def _onchange_scan(self):
        """The letter first, then its label; a label without its letter is refused."""
        text = _plain(self.scan or "")
        if not text:
            return
        self.scan = False
        number = text.lstrip("0")
        named = self.line_ids.filtered(lambda line: str(line.letter_id._origin.id) == number)
        if named:
            self.scanned_letter_id = named.letter_id._origin
            self.scan_message = self.env._(
                "Letter %(number)s to %(name)s: now the label on its envelope.",
                number=named.letter_id.number,
                name=named.letter_id.partner_id.name,
            )
        elif self.scanned_letter_id:
            line = self.line_ids.filtered(
                lambda line: line.letter_id._origin == self.scanned_letter_id
            )
            line.code = text
            self.scanned_letter_id = False
            self.scan_message = self.env._(
                "%(code)s is on the letter to %(name)s. Next letter.",
                code=text,
                name=line.letter_id.partner_id.name,
            )
        else:
            self.scan_message = self.env._(
                "%(code)s is none of these letters. Scan the bars of the letter first.", code=text
            )

    # ------------------------------------------------------------- actions

    def action_apply(self):
        """Write it down for all of these letters."""
        if self.day > fields.Date.context_today(self):
            raise UserError(self.env._("This day has not come yet."))
        letters = self.letter_ids._in_print_order()._for_collector()
        if self.mode == "post":
            letters._post(self.day, self._codes_by_letter(letters))
        elif self.mode == "deliver":
            letters._deliver(self.day)
        else:
            letters._return(self.day, self.reason)
        return {"type": "ir.actions.act_window_close"}

    # ------------------------------------------------------------- helpers

    def _codes_by_letter(self, letters):
        """{letter: tracking code}: those beside the letters, else what was pasted.

        :raise UserError: a code stands beside two letters, or belongs to another one
        """
        codes = {line.letter_id: _plain(line.code) for line in self.line_ids if line.code}
        codes = codes or self._pasted(letters)
        twice = [code for code, count in Counter(codes.values()).items() if count > 1]
        taken = letters.search([("tracking_code", "in", list(codes.values()))])
        twice += taken.mapped("tracking_code")
        if twice:
            raise UserError(
                self.env._(
                    "A tracking code belongs to one letter. Given twice, or to another letter "
                    "before: %(codes)s.",
                    codes=", ".join(sorted(set(twice))),
                )
            )
        return codes

    def _pasted(self, letters):
        """{letter: tracking code} from what was pasted; without names, page after page.

        :param letters: in the order of the pile
        :raise UserError: more or fewer codes than letters, or a line that names no letter
        """
        rows = [line.strip() for line in (self.codes or "").splitlines() if line.strip()]
        if not rows:
            return {}
        if any(";" in row or "\t" in row for row in rows):
            return {self._named(row, letters): _plain(_parts(row)[1]) for row in rows}
        if len(rows) != len(letters):
            raise UserError(
                self.env._(
                    "Codes: %(codes)s, letters: %(letters)s. Paste one line for each letter.",
                    codes=len(rows),
                    letters=len(letters),
                )
            )
        return dict(zip(letters, map(_plain, rows), strict=True))

    def _named(self, row, letters):
        key = _plain(_parts(row)[0])
        found = letters.filtered(
            lambda letter: (
                key.lstrip("0") == str(letter.id) or key == _plain(letter.partner_id.vat or "")
            )
        )
        if len(found) != 1:
            raise UserError(self.env._("“%s” does not name exactly one of these letters.", row))
        return found


class DunningLetterFateLine(models.TransientModel):
    """A letter of the pile and the tracking code of its envelope."""

    _name = "dunning.letter.fate.line"
    _description = "Letter and Tracking Code"
    _order = "id"

    fate_id = fields.Many2one("dunning.letter.fate", required=True, ondelete="cascade")
    letter_id = fields.Many2one("dunning.letter", required=True, readonly=True)
    print_position = fields.Integer(related="letter_id.print_position")
    number = fields.Char(related="letter_id.number")
    partner_id = fields.Many2one(related="letter_id.partner_id")
    zip = fields.Char(related="letter_id.partner_id.zip")
    code = fields.Char("Tracking Code")


def _parts(row):
    key, _, code = row.replace("\t", ";").partition(";")
    return key.strip(), code.strip()


def _plain(text):
    return "".join(character for character in text if character.isalnum()).upper()
