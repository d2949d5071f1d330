import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component } from "@odoo/owl";

/**
 * Shows the installments of a quotation or an invoice before they are agreed to: number, date and
 * value of each, and what the credit costs. The server formats every text.
 */
export class InstallmentTable extends Component {
    static template = "optica_cobranca.InstallmentTable";
    static props = { ...standardFieldProps };

    get preview() {
        return this.props.record.data[this.props.name] || null;
    }
}

export const installmentTable = {
    component: InstallmentTable,
    displayName: _t("Installment table"),
    supportedTypes: ["json"],
};

registry.category("fields").add("optica_installment_table", installmentTable);
