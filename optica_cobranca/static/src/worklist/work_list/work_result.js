import { Component, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { serializeDateTime } from "@web/core/l10n/dates";

const { DateTime } = luxon;

/** What a result still needs to know. Choices that leave nothing open record at once. */
export class WorkResult extends Component {
    static template = "optica_cobranca.WorkResult";
    static props = {
        result: String,
        card: Object,
        contact: { optional: true },
        busy: Boolean,
        onRecord: Function,
        onCancel: Function,
    };

    setup() {
        this.root = useRef("root");
        this.state = useState({
            date: "",
            amount: "",
            moment: "",
            reason: 0,
            contact: this.props.contact || 0,
            note: "",
        });
        // Enter on the first choice is the quickest way with the keyboard.
        useEffect(
            () => {
                this.root.el.querySelector(".o_optica_work_choice, .o_optica_work_confirm")?.focus();
                this.root.el.scrollIntoView({ block: "nearest" });
            },
            () => []
        );
    }

    get title() {
        return {
            promise: _t("When will the customer pay?"),
            paid: _t("Open the cashier with what is late?"),
            says_paid: _t("Until when do you look for the payment?"),
            agreement: _t("Open a proposal on everything that is late?"),
            dispute: _t("What does the customer complain about?"),
            refuses: _t("When should somebody call again?"),
            message_left: _t("When should somebody call again?"),
            no_answer: _t("When should somebody call again?"),
            wrong_number: _t("Which number is wrong? It will not be used any more."),
        }[this.props.result];
    }

    get moments() {
        return this.props.card.choices.moments[this.props.result];
    }

    get ready() {
        const { date, moment, reason, contact } = this.state;
        switch (this.props.result) {
            case "promise":
                return Boolean(date);
            case "dispute":
                return Boolean(reason);
            case "wrong_number":
                return Boolean(contact);
            case "paid":
            case "agreement":
                return true;
            default:
                return Boolean(moment);
        }
    }

    get today() {
        return DateTime.now().toISODate();
    }

    // What to say to a customer with this reason.
    get advice() {
        const { reasons } = this.props.card.choices;
        return reasons.find((reason) => reason.id === this.state.reason)?.note;
    }

    get confirmLabel() {
        return { paid: _t("Open the Cashier"), agreement: _t("Open the Proposal") }[this.props.result] || _t("Confirm");
    }

    /** A moment that is offered needs no further click. */
    chooseMoment(at) {
        return this.props.onRecord({ call_again_at: at, note: this.state.note });
    }

    confirm() {
        const { date, amount, moment, reason, contact, note } = this.state;
        return this.props.onRecord({
            note,
            ...(date && { date }),
            ...(Number(amount) && { amount: Number(amount) }),
            ...(reason && { reason_id: reason }),
            ...(contact && { contact_id: contact }),
            ...(moment && { call_again_at: serializeDateTime(DateTime.fromISO(moment)) }),
        });
    }
}
