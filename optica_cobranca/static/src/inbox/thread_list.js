import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useDebounced } from "@web/core/utils/timing";

const SEARCH_DELAY = 300;

export const CHANNEL_ICONS = {
    whatsapp: "fa-whatsapp",
    sms: "fa-mobile",
    instagram: "fa-instagram",
    email: "fa-envelope-o",
    voice: "fa-phone",
    letter: "fa-file-text-o",
};

export const INTENTS = {
    promise: { label: _t("Promise"), icon: "fa-handshake-o" },
    slip: { label: _t("Send Slip"), icon: "fa-barcode" },
    paid: { label: _t("Paid: Cashier"), icon: "fa-money" },
    agreement: { label: _t("Agreement"), icon: "fa-file-text-o" },
    dispute: { label: _t("Dispute"), icon: "fa-exclamation-triangle" },
    pause: { label: _t("Pause"), icon: "fa-pause" },
    wrong_person: { label: _t("Wrong Number"), icon: "fa-times-circle-o" },
    thanks: { label: _t("Thanks: Close"), icon: "fa-check" },
};

/** The conversations with their filters; several can be ticked. */
export class ThreadList extends Component {
    static template = "optica_cobranca.ThreadList";
    static props = {
        filters: Object,
        options: Object,
        rows: Array,
        counts: Object,
        total: Number,
        current: Number,
        hidden: Boolean,
        selected: Object,
        chosen: Array,
        onFilter: Function,
        onOpen: Function,
        onMore: Function,
        onSelect: Function,
        onBulk: Function,
    };

    setup() {
        this.states = [
            { key: "open", label: _t("Open") },
            { key: "answered", label: _t("Answered") },
            { key: "closed", label: _t("Closed") },
            { key: "all", label: _t("All") },
        ];
        this.shares = [
            { key: "all", label: _t("Everybody's") },
            { key: "mine", label: _t("Mine") },
            { key: "nobody", label: _t("Nobody's") },
        ];
        this.channels = [
            { key: "whatsapp", label: "WhatsApp" },
            { key: "sms", label: "SMS" },
            { key: "instagram", label: "Instagram" },
        ];
        this.icons = CHANNEL_ICONS;
        this.intents = INTENTS;
        this.search = useDebounced((value) => this.props.onFilter({ search: value }), SEARCH_DELAY);
    }

    get narrowed() {
        const { search, channel, unread, unknown, share } = this.props.filters;
        return Boolean(search || channel || unread || unknown || share !== "all");
    }

    clear() {
        return this.props.onFilter({
            search: "",
            channel: "",
            unread: false,
            unknown: false,
            share: "all",
        });
    }
}
