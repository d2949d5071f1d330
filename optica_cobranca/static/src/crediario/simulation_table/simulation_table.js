import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component } from "@odoo/owl";

/**
 * What a sale costs in 1, 2, … N installments, plan by plan. The server works out and formats
 * everything; a click on a row writes its key to the field named by the option `chosen_field`.
 */
export class SimulationTable extends Component {
    static template = "optica_cobranca.SimulationTable";
    static props = { ...standardFieldProps, chosenField: { type: String } };

    get blocks() {
        return this.props.record.data[this.props.name] || [];
    }

    get chosen() {
        return this.props.record.data[this.props.chosenField];
    }

    choose(row) {
        this.props.record.update({ [this.props.chosenField]: row.key });
    }
}

export const simulationTable = {
    component: SimulationTable,
    displayName: _t("Simulation of installments"),
    supportedTypes: ["json"],
    extractProps: ({ options }) => ({ chosenField: options.chosen_field }),
};

registry.category("fields").add("optica_simulation_table", simulationTable);
