"""A shop that receives by Pix: a key on its bank journal, a customer with installments."""

from tests.receiving.receiving_common import ReceivingCommon

KEY = "71d6c6e1-64ea-4a11-9560-a10870c40ca2"


class PixCommon(ReceivingCommon):
    """``self.Charge`` is the model; the shop's static key is ``KEY``."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"city": "São Paulo", "name": "Ótica Teste"})
        cls.key_account = cls.env["res.partner.bank"].create(
            {
                "acc_number": "12345-6",
                "partner_id": cls.company.partner_id.id,
                "proxy_type": "br_random",
                "proxy_value": KEY,
            }
        )
        cls.bank.bank_account_id = cls.key_account
        cls.Charge = cls.env["pix.charge"]
