import { Component, onWillStart, useExternalListener, useState } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { sprintf } from "@web/core/utils/strings";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { answered } from "../../shop/client_actions/client_actions";
import { NotSetUp } from "../../shop/not_set_up/not_set_up";

const MODEL = "optica.today";
/** Somebody else may have done it meanwhile; looking is cheap. */
const REFRESH_MS = 60 * 1000;
const ICONS = {
    birthday: "fa-birthday-cake",
    installment_due: "fa-calendar-o",
    installment_overdue: "fa-exclamation-circle",
    promise_due: "fa-handshake-o",
    delivery_promised: "fa-truck",
    delivery_late: "fa-clock-o",
    delivery_ready: "fa-shopping-bag",
    delivery_unfetched: "fa-archive",
    prescription_expiring: "fa-eye",
    prescription_expired: "fa-eye-slash",
    scheduled_call: "fa-phone",
    survey: "fa-star-o",
};
const TASKS = {
    inbox: { icon: "fa-comments-o", label: _t("Customers wrote"), button: _t("Read and answer") },
    by_hand: { icon: "fa-whatsapp", label: _t("Messages to send by hand"), button: _t("Send") },
    uncertain: {
        icon: "fa-question-circle-o",
        label: _t("Messages that may not have left"),
        button: _t("Decide"),
    },
    letters: { icon: "fa-envelope-o", label: _t("Letters to print"), button: _t("Print") },
    removals: {
        icon: "fa-institution",
        label: _t("Removals from the bureau due"),
        button: _t("Remove now"),
    },
    approvals: {
        icon: "fa-check-square-o",
        label: _t("Notices wait for approval"),
        button: _t("Approve"),
    },
};

/** What must be done today: one card for each kind, one tile for each other task. */
export class Today extends Component {
    static template = "optica_cobranca.Today";
    static components = { NotSetUp };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.tasks = TASKS;
        this.state = useState({
            mine: Boolean(this.props.state?.mine),
            data: null,
            busy: false,
        });
        useSetupAction({ getLocalState: () => ({ mine: this.state.mine }) });
        onWillStart(() => this.load());
        useExternalListener(window, "keydown", (event) => this.onKeydown(event));
        useExternalListener(window, "focus", () => this.refreshIfOld());
    }

    async load(changes = {}) {
        Object.assign(this.state, changes);
        const { mine } = this.state;
        const data = await this.orm.call(MODEL, "load", [mine]);
        // A later choice may have been answered already.
        if (mine === this.state.mine) {
            this.state.data = data;
            this.loadedAt = Date.now();
        }
    }

    async refreshIfOld() {
        if (this.loadedAt && Date.now() - this.loadedAt > REFRESH_MS) {
            await this.load();
        }
    }

    // --------------------------------------------------------------- figures

    get greeting() {
        const { part, name } = this.state.data;
        const greetings = {
            morning: _t("Good morning, %s"),
            afternoon: _t("Good afternoon, %s"),
            evening: _t("Good evening, %s"),
        };
        return sprintf(greetings[part], name);
    }

    get open() {
        return this.state.data.kinds.filter((kind) => kind.count);
    }

    get finished() {
        return this.state.data.kinds.filter((kind) => !kind.count && kind.done);
    }

    get isAllDone() {
        const { missing, tasks } = this.state.data;
        return !this.open.length && !tasks.length && !missing.length;
    }

    get percent() {
        const { done, todo } = this.state.data;
        return done + todo ? Math.round((100 * done) / (done + todo)) : 100;
    }

    icon(kind) {
        return ICONS[kind] || "fa-circle-o";
    }

    lateText(kind) {
        return sprintf(_t("%s from before today"), kind.late);
    }

    sendLabel(kind) {
        return kind.kind === "birthday" ? _t("Send all greetings") : _t("Send all messages");
    }

    // --------------------------------------------------------------- actions

    /** One thing at a time: a second click is not for what comes next. */
    async exclusively(work) {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            await work();
        } finally {
            this.state.busy = false;
        }
    }

    async openWith(method, ...args) {
        const action = await this.orm.call(MODEL, method, args);
        await this.action.doAction(answered(action));
    }

    openKind(kind) {
        return this.openWith("open_kind", kind.kind, this.state.mine);
    }

    askSendAll(kind) {
        const most = Math.min(kind.count, kind.most);
        this.dialog.add(ConfirmationDialog, {
            title: this.sendLabel(kind),
            body: sprintf(
                _t(
                    "“%(kind)s”: write to %(count)s now? Each message leaves within the permitted hours, " +
                        "to customers who agreed, and each of these is marked as handled."
                ),
                { kind: kind.label, count: most }
            ),
            confirmLabel: _t("Send"),
            confirm: () => this.exclusively(() => this.sendAll(kind)),
            cancel: () => {},
        });
    }

    async sendAll(kind) {
        try {
            const { sent, left } = await this.orm.call(MODEL, "send_all", [
                kind.kind,
                this.state.mine,
            ]);
            const text = left
                ? sprintf(_t("Messages queued: %(sent)s. Left: %(left)s."), { sent, left })
                : sprintf(_t("Messages queued: %s."), sent);
            this.notification.add(text, { type: "success" });
        } finally {
            await this.load();
        }
    }

    // -------------------------------------------------------------- keyboard

    onKeydown(event) {
        const isTyping = event.target.closest?.("input, textarea, select, [contenteditable=true]");
        const hasDialog = document.querySelector(".modal, .o_command_palette");
        if (isTyping || hasDialog || event.ctrlKey || event.altKey || event.metaKey) {
            return;
        }
        const number = parseInt(event.key, 10);
        if (number && this.open[number - 1]) {
            event.preventDefault();
            this.openKind(this.open[number - 1]);
        } else if (event.key === "r") {
            event.preventDefault();
            this.load();
        } else if (event.key === "c") {
            event.preventDefault();
            this.openWith("open_task", "calendar");
        }
    }
}

registry.category("actions").add("optica_cobranca.today", Today);
