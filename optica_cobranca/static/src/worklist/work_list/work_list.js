import {
    Component,
    onWillStart,
    onWillUnmount,
    useEffect,
    useExternalListener,
    useState,
} from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { router } from "@web/core/browser/router";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { answered } from "../../shop/client_actions/client_actions";
import { NotSetUp } from "../../shop/not_set_up/not_set_up";
import { WorkCard } from "./work_card";
import { WorkQueue } from "./work_queue";

const MODEL = "dunning.work";
// A third of the time after which a colleague may take the customer.
const RENEW_EVERY = 5 * 60 * 1000;
const RELEASE_URL = `/web/dataset/call_kw/${MODEL}/release`;

/**
 * The collector's screen: on the left who is to be called, on the right the customer who is being
 * called. Recording a result opens the next customer by itself.
 *
 * Nothing is computed here: the server ranks, locks and records; texts arrive ready to be shown.
 */
export class WorkList extends Component {
    static template = "optica_cobranca.WorkList";
    static components = { NotSetUp, WorkCard, WorkQueue };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        const before = this.props.state || {};
        this.state = useState({
            filters: before.filters || { status: "todo" },
            options: { bands: [], companies: 1 },
            rows: [],
            counts: {},
            amount: "",
            day: { done: 0, promised: "", results: [], undo: false },
            card: null,
            finished: false,
            busy: false,
        });
        this.loading = 0;
        useSetupAction({ getLocalState: () => this.localState() });
        onWillStart(() => this.start(before));
        onWillUnmount(() => this.leave());
        useExternalListener(browser, "pagehide", () => this.leaveAtOnce());
        useEffect(
            () => {
                const timer = browser.setInterval(() => this.renew(), RENEW_EVERY);
                return () => browser.clearInterval(timer);
            },
            () => []
        );
        useHotkey("n", () => this.next());
        useHotkey("u", () => this.undo());
    }

    get remaining() {
        return this.state.counts.todo || 0;
    }

    get progress() {
        const { done } = this.state.day;
        const all = done + this.remaining;
        return all ? Math.round((100 * done) / all) : 0;
    }

    // What is found again on coming back from the cashier or from a customer's form.
    localState() {
        const { filters, card } = this.state;
        const current = card && !card.locked_by ? card : null;
        return {
            filters: { ...filters },
            working: Boolean(current) || this.working,
            current: current && { partner_id: current.partner_id, company_id: current.company_id },
        };
    }

    // ------------------------------------------------------------- loading

    async start(before) {
        this.state.options = await this.orm.call(MODEL, "start", []);
        if (!this.state.filters.share) {
            this.state.filters.share = this.state.options.share;
        }
        const { unpaid } = this.state.options;
        if (before.working && unpaid) {
            this.notification.add(unpaid.text, { type: "warning" });
            this.show(await this.orm.call(MODEL, "take", [unpaid.partner_id, unpaid.company_id]));
        } else if (before.current) {
            const { partner_id, company_id } = before.current;
            this.show(await this.orm.call(MODEL, "take", [partner_id, company_id]));
        } else if (before.working) {
            this.show(await this.orm.call(MODEL, "take_next", [this.state.filters]));
        } else if (this.props.resId) {
            // The page was read again, or the browser went back: the address names the customer.
            const company = Number(router.current.work_company) || false;
            this.show(await this.orm.call(MODEL, "reopen", [this.props.resId, company]));
        }
        await this.load();
    }

    async load(offset = 0) {
        const turn = ++this.loading;
        const found = await this.orm.call(MODEL, "load", [this.state.filters, offset]);
        if (turn !== this.loading) {
            return; // the filters have changed meanwhile
        }
        const { rows, ...rest } = found;
        Object.assign(this.state, rest, { rows: offset ? [...this.state.rows, ...rows] : rows });
    }

    async onFilter(changes) {
        Object.assign(this.state.filters, changes);
        await this.load();
    }

    // ----------------------------------------------------------- customers

    show(card) {
        this.state.card = card || null;
        this.state.finished = !card;
        this.working = Boolean(card);
        this.nameInAddress(card);
    }

    nameInAddress(card) {
        this.props.updateActionState?.({
            resId: card ? card.partner_id : false,
            work_company: card ? card.company_id : false,
        });
    }

    /** Runs one thing at a time: a second click or key waits for nothing and does nothing. */
    async once(task) {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            await task();
        } finally {
            this.state.busy = false;
        }
    }

    next() {
        return this.once(async () => {
            const open = this.state.card;
            if (open && !open.locked_by) {
                await this.orm.call(MODEL, "release", [open.partner_id]);
            }
            const skip = open ? [open.partner_id] : [];
            this.show(await this.orm.call(MODEL, "take_next", [this.state.filters, skip]));
            await this.load();
        });
    }

    open(row) {
        return this.once(async () => {
            this.show(await this.orm.call(MODEL, "take", [row.partner_id, row.company_id]));
            await this.load();
        });
    }

    close() {
        return this.once(async () => {
            await this.leave();
            Object.assign(this.state, { card: null, finished: false });
            this.working = false;
            this.nameInAddress(null);
            await this.load();
        });
    }

    // -------------------------------------------------------------- result

    record(result, values) {
        return this.once(async () => {
            const { partner_id, company_id, opened_at } = this.state.card;
            const done = await this.orm.call(MODEL, "record", [
                partner_id,
                company_id,
                result,
                { ...values, opened_at },
            ]);
            this.state.card = null;
            this.tell(done);
            if (done.action) {
                await this.action.doAction(answered(done.action));
                return; // the next customer opens on coming back
            }
            this.show(await this.orm.call(MODEL, "take_next", [this.state.filters]));
            await this.load();
        });
    }

    /** A next step of the level; the customer stays open. */
    step(code) {
        return this.once(async () => {
            const { partner_id, company_id } = this.state.card;
            const { text, action } = await this.orm.call(MODEL, "take_step", [
                partner_id,
                company_id,
                code,
            ]);
            if (text) {
                this.notification.add(text, { type: "success" });
            }
            if (action) {
                await this.action.doAction(answered(action));
            }
        });
    }

    tell(done) {
        this.closeNotification?.();
        this.closeNotification = this.notification.add(done.text, {
            type: "success",
            buttons: [{ name: _t("Undo Result"), onClick: () => this.undo(done.call_id) }],
        });
    }

    undo(callId = this.state.day.undo && this.state.day.undo.id) {
        return (
            callId &&
            this.once(async () => {
                this.closeNotification?.();
                this.show(await this.orm.call(MODEL, "undo", [callId]));
                await this.load();
            })
        );
    }

    // --------------------------------------------------------------- locks

    get held() {
        const { card } = this.state;
        return card && !card.locked_by ? card.partner_id : null;
    }

    async leave() {
        if (this.held) {
            await this.orm.silent.call(MODEL, "release", [this.held]);
        }
    }

    /** The tab is being closed: no answer can be waited for. */
    leaveAtOnce() {
        if (this.held) {
            const params = {
                model: MODEL,
                method: "release",
                args: [this.held],
                kwargs: { context: user.context },
            };
            const body = JSON.stringify({ jsonrpc: "2.0", method: "call", id: 0, params });
            browser.navigator.sendBeacon(RELEASE_URL, new Blob([body], { type: "application/json" }));
        }
    }

    async renew() {
        const { card } = this.state;
        if (!this.held || (await this.orm.silent.call(MODEL, "renew", [this.held]))) {
            return;
        }
        if (this.state.card === card) {
            card.locked_by = _t("A colleague");
        }
    }
}

registry.category("actions").add("optica_cobranca.work_list", WorkList);
