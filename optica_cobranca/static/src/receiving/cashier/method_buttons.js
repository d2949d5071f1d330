import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** The ways of being paid as buttons, reached by Tab and pressed by space or Enter. */
export class MethodButtons extends Component {
    static template = "optica_cobranca.MethodButtons";
    static props = { ...standardFieldProps };

    get options() {
        return this.props.record.data.method_options || [];
    }

    get value() {
        const chosen = this.props.record.data[this.props.name];
        return chosen ? chosen.id : false;
    }

    choose([id, label]) {
        // The one that is pressed already may be pressed again: for what is left.
        this.props.record.update({ [this.props.name]: { id, display_name: label } });
    }
}

registry.category("fields").add("optica_cobranca_method_buttons", {
    component: MethodButtons,
    supportedTypes: ["many2one"],
    fieldDependencies: [{ name: "method_options", type: "json" }],
});
