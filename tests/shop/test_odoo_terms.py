"""Terms of Odoo's own modules that it has not translated are Portuguese where users see them."""

from odoo.tools.translate import code_translations

from ..common import CollectionCommon


class TestOdooTerms(CollectionCommon):
    def test_documents_of_brazil_have_their_names(self):
        kind = self.env.ref("l10n_br.dt_55").with_context(lang="pt_BR")
        self.assertEqual(kind.name, "Nota Fiscal Eletrônica (NF-e)")
        form = self.env.ref("l10n_br.br_partner_address_form").with_context(lang="pt_BR")
        self.assertIn('placeholder="Número"', form.arch_db)

    def test_the_browser_gets_them(self):
        messages = code_translations.get_web_translations("optica_cobranca", "pt_BR")["messages"]
        known = {message["id"]: message["string"] for message in messages}
        self.assertEqual(known["Missing required fields"], "Faltam campos obrigatórios")

    def test_what_was_created_is_told_in_portuguese(self):
        """The first line of a record's history has the name of its kind."""
        kinds = {
            name: model._description
            for name, model in self.env.registry.items()
            if model._original_module == "optica_cobranca" and "message_ids" in model._fields
        }
        self.assertGreater(len(kinds), 5)
        speaking = self.env(context={**self.env.context, "lang": "pt_BR"})
        for name, description in kinds.items():
            with self.subTest(model=name):
                told = str(speaking[name].new({})._creation_message())
                self.assertNotIn(description, told)
        self.assertIn("Régua de cobrança", speaking["dunning.policy"].new({})._creation_message())
