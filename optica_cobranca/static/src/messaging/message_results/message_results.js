import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { answered } from "../../shop/client_actions/client_actions";

const MODEL = "contact.report";
const PERIODS = [
    { key: "week", label: _t("7 Days") },
    { key: "month", label: _t("30 Days") },
    { key: "quarter", label: _t("90 Days") },
    { key: "year", label: _t("1 Year") },
];
// Bars this high, in percent of the chart, still leave room for the figure on top.
const HIGHEST = 86;

/** What messages brought. Nothing is computed here but the heights of bars. */
export class MessageResults extends Component {
    static template = "optica_cobranca.MessageResults";
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.periods = PERIODS;
        const before = this.props.state || {};
        this.state = useState({
            period: before.period || "month",
            purpose: before.purpose || false,
            busy: false,
            data: null,
        });
        useSetupAction({
            getLocalState: () => ({ period: this.state.period, purpose: this.state.purpose }),
        });
        onWillStart(() => this.load());
    }

    async load(changes = {}) {
        Object.assign(this.state, changes, { busy: true });
        const { period, purpose } = this.state;
        try {
            const data = await this.orm.call(MODEL, "load", [period, purpose]);
            // A later choice may have been answered already.
            if (period === this.state.period && purpose === this.state.purpose) {
                this.state.data = data;
            }
        } finally {
            this.state.busy = false;
        }
    }

    onPurpose(event) {
        return this.load({ purpose: event.target.value || false });
    }

    // --------------------------------------------------------------- charts

    /** How high a bar stands among its neighbours. */
    height(row, rows, name) {
        const most = Math.max(...rows.map((each) => each[name]), 0);
        return most ? Math.round((HIGHEST * row[name]) / most) : 0;
    }

    isBest(row) {
        return this.state.data.best.some((best) => best.name === row.name);
    }

    trend(card) {
        if (!card.change) {
            return "text-muted";
        }
        const better = card.worse_when_up ? card.change < 0 : card.change > 0;
        return better ? "text-success" : "text-danger";
    }

    get hasPaid() {
        return this.state.data.hours.some((hour) => hour.paid_share);
    }

    // -------------------------------------------------------------- opening

    async open(condition = []) {
        const domain = [...this.state.data.domain, ...condition];
        return this.action.doAction(answered(await this.orm.call(MODEL, "open_messages", [domain])));
    }

    openRow(name, value) {
        return this.open([
            [name, "=", value],
            ["state", "in", ["sent", "delivered", "read", "failed"]],
        ]);
    }

    openRefusal(row) {
        return this.open([
            ["state", "=", row.state],
            ["reason", "=", row.reason],
        ]);
    }

    openPrices() {
        return this.action.doAction("optica_cobranca.action_contact_price");
    }

    openAnalysis() {
        return this.action.doAction("optica_cobranca.action_contact_report_pivot");
    }
}

registry.category("actions").add("optica_cobranca.message_results", MessageResults);
