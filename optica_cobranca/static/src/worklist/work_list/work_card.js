import { Component, useState } from "@odoo/owl";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { WorkResult } from "./work_result";

/** The results in the order of their keys, 1 to 9. */
export const RESULTS = [
    { key: "promise", label: _t("Promise"), icon: "fa-handshake-o", colour: "success" },
    { key: "paid", label: _t("Pays Now"), icon: "fa-money", colour: "success" },
    { key: "says_paid", label: _t("Says It Is Paid"), icon: "fa-check", colour: "info" },
    { key: "agreement", label: _t("Agreement"), icon: "fa-file-text-o", colour: "info" },
    { key: "dispute", label: _t("Dispute"), icon: "fa-exclamation-triangle", colour: "warning" },
    { key: "refuses", label: _t("Refuses"), icon: "fa-ban", colour: "warning" },
    { key: "message_left", label: _t("Message Left"), icon: "fa-commenting-o", colour: "secondary" },
    { key: "no_answer", label: _t("No Answer"), icon: "fa-phone", colour: "secondary" },
    { key: "wrong_number", label: _t("Wrong Number"), icon: "fa-times-circle-o", colour: "danger" },
];

/** One customer: what whoever calls must know, and the buttons for what came of it. */
export class WorkCard extends Component {
    static template = "optica_cobranca.WorkCard";
    static components = { WorkResult };
    static props = {
        card: Object,
        busy: Boolean,
        companies: Number,
        onRecord: Function,
        onNext: Function,
        onStep: Function,
        onClose: Function,
    };

    setup() {
        this.action = useService("action");
        this.state = useState({ result: "", contact: (this.props.card.phones[0] || {}).contact_id });
        this.results = RESULTS;
        RESULTS.forEach((result, index) =>
            useHotkey(String(index + 1), () => this.choose(result.key))
        );
        useHotkey("escape", () => this.choose(""));
    }

    get readonly() {
        return Boolean(this.props.card.locked_by);
    }

    choose(key) {
        if (this.readonly || (key && this.isMissing(key))) {
            return;
        }
        this.state.result = this.state.result === key ? "" : key;
    }

    isMissing(key) {
        return key === "wrong_number" && !this.props.card.phones.length;
    }

    tooltip(result, index) {
        return _t("%(result)s (key %(digit)s)", { result: result.label, digit: index + 1 });
    }

    record(values) {
        const contact_id = values.contact_id || this.state.contact;
        return this.props.onRecord(this.state.result, { ...values, contact_id });
    }

    openRecord(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    openStep(step) {
        if (step.code === "agreement") {
            return this.choose("agreement");
        }
        return this.readonly || this.props.onStep(step.code);
    }

    openCustomer() {
        return this.openRecord("res.partner", this.props.card.partner_id);
    }

    sendMessage() {
        const id = this.props.card.partner_id;
        return this.action.doAction("optica_cobranca.action_contact_send", {
            additionalContext: { active_model: "res.partner", active_ids: [id], active_id: id },
        });
    }
}
