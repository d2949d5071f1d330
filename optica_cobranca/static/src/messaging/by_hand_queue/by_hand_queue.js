import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { NotSetUp } from "../../shop/not_set_up/not_set_up";

import { Component, onWillStart, useExternalListener, useState } from "@odoo/owl";

const MODEL = "contact.message";
/** All chats open in this one tab. */
const CHAT_TAB = "optica_cobranca_whatsapp";
/** After so long a message is asked at the gate again before its chat opens. */
const FRESH_MS = 2 * 60 * 1000;

/**
 * Messages that a clerk sends from his own WhatsApp, one key for each: the first Enter opens the
 * chat with the text typed in; every further Enter says "sent" and opens the next chat.
 */
export class ByHandQueue extends Component {
    static template = "optica_cobranca.ByHandQueue";
    static components = { NotSetUp };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.skipped = [];
        this.state = useState({
            message: null,
            remaining: 0,
            done: 0,
            isOpen: false,
            isBusy: false,
            undo: [],
        });
        onWillStart(() => this.load());
        useExternalListener(window, "keydown", (event) => this.onKeydown(event));
    }

    get total() {
        return this.state.done + this.state.remaining;
    }

    get percent() {
        return this.total ? Math.round((100 * this.state.done) / this.total) : 100;
    }

    get mainLabel() {
        return this.state.isOpen ? _t("Sent, next one") : _t("Open WhatsApp");
    }

    get doneText() {
        return _t("You have sent %s today. Well done!", this.state.done);
    }

    async load() {
        const found = await this.orm.call(MODEL, "by_hand_next", [this.skipped]);
        for (const dropped of found.dropped) {
            this.notification.add(`${dropped.customer}: ${dropped.reason}`, { type: "warning" });
        }
        Object.assign(this.state, {
            message: found.message,
            remaining: found.remaining,
            done: found.done,
            isOpen: false,
        });
        this.loadedAt = Date.now();
    }

    /** One thing at a time: a key pressed meanwhile is not for the next message. */
    async exclusively(work) {
        if (this.state.isBusy) {
            return;
        }
        this.state.isBusy = true;
        try {
            await work();
        } finally {
            this.state.isBusy = false;
        }
    }

    openChat() {
        window.open(this.state.message.url, CHAT_TAB);
        this.state.isOpen = true;
    }

    async goOn() {
        if (!this.state.message) {
            return;
        }
        await this.exclusively(async () => {
            if (this.state.isOpen) {
                await this.decide("by_hand_sent");
                if (this.state.message) {
                    this.openChat();
                }
            } else {
                if (Date.now() - this.loadedAt > FRESH_MS) {
                    await this.load();
                }
                if (this.state.message) {
                    this.openChat();
                }
            }
        });
    }

    async notSent() {
        if (this.state.message) {
            await this.exclusively(() => this.decide("by_hand_not_sent"));
        }
    }

    async decide(method) {
        const { id, customer } = this.state.message;
        await this.orm.call(MODEL, method, [[id]]);
        this.state.undo.push({ id, customer });
        await this.load();
    }

    async skip() {
        if (this.state.message) {
            await this.exclusively(async () => {
                const { id } = this.state.message;
                this.skipped = [...this.skipped.filter((other) => other !== id), id];
                await this.load();
            });
        }
    }

    async undo() {
        const last = this.state.undo.at(-1);
        if (last) {
            await this.exclusively(async () => {
                this.state.undo.pop();
                await this.orm.call(MODEL, "by_hand_undo", [[last.id]]);
                this.notification.add(_t("%s waits again.", last.customer), { type: "info" });
                this.skipped = this.skipped.filter((other) => other !== last.id);
                await this.load();
            });
        }
    }

    openCustomer() {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: this.state.message.partner_id,
            views: [[false, "form"]],
            target: "new",
        });
    }

    openList() {
        this.action.doAction("optica_cobranca.action_contact_message_by_hand");
    }

    onKeydown(event) {
        const isElsewhere = event.target.closest("input, textarea, select, .modal, .o-dropdown");
        const isCombined = event.ctrlKey || event.altKey || event.metaKey;
        if (isElsewhere || isCombined || event.repeat || document.querySelector(".modal.show")) {
            return;
        }
        const works = {
            Enter: () => this.goOn(),
            s: () => this.skip(),
            n: () => this.notSent(),
            z: () => this.undo(),
        };
        const work = works[event.key.length === 1 ? event.key.toLowerCase() : event.key];
        if (work) {
            event.preventDefault();
            work();
        }
    }
}

registry.category("actions").add("optica_cobranca.by_hand_queue", ByHandQueue);
