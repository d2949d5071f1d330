import { Component, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

/** The counter at the top of every screen. */
export class InboxSystray extends Component {
    static template = "optica_cobranca.InboxSystray";
    static props = {};

    setup() {
        this.action = useService("action");
        this.inbox = useState(useService("optica_cobranca.inbox").state);
    }

    open() {
        return this.action.doAction("optica_cobranca.action_contact_inbox", {
            clearBreadcrumbs: true,
        });
    }
}

registry.category("systray").add("optica_cobranca.inbox", { Component: InboxSystray }, { sequence: 24 });
