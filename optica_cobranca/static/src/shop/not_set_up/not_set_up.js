import { Component, onWillStart, useState } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";

import { answered } from "../client_actions/client_actions";

const MODEL = "optica.today";

/**
 * In place of an empty page that says that all is well: what the shop has not set up yet. Where
 * nothing is missing, what stands inside of it is shown.
 */
export class NotSetUp extends Component {
    static template = "optica_cobranca.NotSetUp";
    static props = {
        /** Which steps matter here; without them, all. */
        keys: { type: Array, element: String, optional: true },
        /** The steps, where the page knows them already. */
        steps: { type: Array, optional: true },
        slots: { type: Object, optional: true },
    };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ steps: [] });
        onWillStart(async () => {
            if (!this.props.steps) {
                this.state.steps = await this.orm.call(MODEL, "missing", [this.props.keys]);
            }
        });
    }

    get steps() {
        return this.props.steps || this.state.steps;
    }

    async open(step) {
        const action = await this.orm.call(MODEL, "open_task", [step.key]);
        await this.action.doAction(answered(action));
    }
}
