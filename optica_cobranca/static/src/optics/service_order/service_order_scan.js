import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { Component, useState } from "@odoo/owl";

const MODEL = "optica.service.order";

/**
 * A scanner types the number and presses Enter: the order opens, or, when the box from the lab is
 * being unpacked, is marked as ready and listed, one scan after the other.
 */
export class ServiceOrderScan extends Component {
    static template = "optica_cobranca.ServiceOrderScan";
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.input = useAutofocus({ refName: "code" });
        this.state = useState({ code: "", markReady: false, scanned: [] });
    }

    get placeholder() {
        return _t("Scan or type the number of the O.S.");
    }

    async onKeydown(event) {
        if (event.key !== "Enter" || !this.state.code.trim()) {
            return;
        }
        const code = this.state.code.trim();
        this.state.code = "";
        let found = {};
        try {
            found = await this.orm.call(MODEL, "action_scan", [code, this.state.markReady]);
        } finally {
            this.input.el?.focus();
        }
        this.state.scanned.unshift({ key: `${code}-${this.state.scanned.length}`, code, ...found });
        if (found.id && !this.state.markReady) {
            this.open(found.id);
        }
    }

    open(id) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: MODEL,
            res_id: id,
            views: [[false, "form"]],
        });
    }
}

registry.category("actions").add("optica_service_order_scan", ServiceOrderScan);
