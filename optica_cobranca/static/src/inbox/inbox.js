import {
    Component,
    onWillStart,
    onWillUnmount,
    useEffect,
    useRef,
    useState,
} from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { answered } from "../shop/client_actions/client_actions";
import { NotSetUp } from "../shop/not_set_up/not_set_up";
import { Conversation } from "./conversation";
import { useInboxKeys } from "./inbox_keys";
import { ThreadList } from "./thread_list";

const MODEL = "contact.thread";
const PAGE = 40;
// While something is on its way to the customer, its ticks are looked after.
const TICKS_EVERY = 5000;

/**
 * What customers wrote, on the left; one conversation with all that was said, on the right.
 *
 * The server decides who may see and do what, whether free words may be sent, and which shortcut a
 * message seems to ask for; here it is shown.
 */
export class Inbox extends Component {
    static template = "optica_cobranca.Inbox";
    static components = { Conversation, NotSetUp, ThreadList };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.root = useRef("root");
        const before = this.props.state || {};
        const share = this.props.action.params?.share || "all";
        this.state = useState({
            filters: before.filters || { state: "open", share },
            options: { users: [], user_id: 0, is_collector: false },
            rows: [],
            counts: {},
            total: 0,
            selected: {},
            thread: null,
            limit: PAGE,
            busy: false,
        });
        this.turn = 0;
        // Where in the list the open conversation stands, or stood before it left the list.
        this.place = -1;
        const asked = this.props.action.params?.thread_id;
        useSetupAction({
            getLocalState: () => ({
                filters: { ...this.state.filters },
                thread_id: this.state.thread?.id,
            }),
        });
        onWillStart(async () => {
            this.state.options = await this.orm.call(MODEL, "inbox_start", []);
            await this.load();
            // The address names the conversation: reading the page again finds it open.
            const id = before.thread_id || asked || this.props.resId;
            const [found] = id ? await this.orm.search(MODEL, [["id", "=", id]]) : [];
            if (found) {
                await this.open(found);
            }
        });
        useInboxKeys({
            j: () => this.move(1),
            k: () => this.move(-1),
            Enter: () => this.root.el?.querySelector(".o_optica_inbox_composer textarea")?.focus(),
            Escape: () => this.close(),
        });
        onWillUnmount(useService("optica_cobranca.inbox").onChanged(() => this.refresh()));
        useEffect(
            () => {
                const timer = browser.setInterval(() => this.tick(), TICKS_EVERY);
                return () => browser.clearInterval(timer);
            },
            () => []
        );
    }

    // ------------------------------------------------------------- loading

    async load(offset = 0) {
        const turn = ++this.turn;
        const limit = this.state.rows.length;
        const found = await this.orm.call(MODEL, "inbox_load", [this.state.filters, offset]);
        if (turn !== this.turn) {
            return; // the filters have changed meanwhile
        }
        const rows = offset ? [...this.state.rows.slice(0, offset), ...found.rows] : found.rows;
        // What was unfolded by "Show more" stays until the filters change.
        const rest = !offset && limit > PAGE ? this.state.rows.slice(PAGE) : [];
        const known = new Set(rows.map((row) => row.id));
        Object.assign(this.state, {
            rows: [...rows, ...rest.filter((row) => !known.has(row.id))],
            counts: found.counts,
            total: found.total,
        });
        this.keepPlace();
    }

    keepPlace() {
        const at = this.state.rows.findIndex((row) => row.id === this.state.thread?.id);
        this.place = at === -1 ? this.place : at;
    }

    async onFilter(changes) {
        Object.assign(this.state.filters, changes);
        this.place = -1;
        this.state.rows = [];
        this.state.selected = {};
        await this.load();
    }

    async refresh() {
        if (this.refreshing) {
            this.again = true;
            return;
        }
        this.refreshing = true;
        try {
            await this.load();
            await this.reload();
        } finally {
            this.refreshing = false;
        }
        if (this.again) {
            this.again = false;
            await this.refresh();
        }
    }

    async reload() {
        const { thread, limit } = this.state;
        if (!thread) {
            return;
        }
        const found = await this.orm.silent.call(MODEL, "inbox_open", [[thread.id], limit]);
        if (this.state.thread?.id === thread.id) {
            this.state.thread = found;
            if (found.unread && !document.hidden) {
                await this.orm.silent.call(MODEL, "action_mark_read", [[thread.id]]);
            }
        }
    }

    tick() {
        if (this.state.thread?.pending && !this.state.busy && !document.hidden) {
            return this.reload();
        }
    }

    // -------------------------------------------------------- conversation

    async open(id) {
        this.state.limit = PAGE;
        const thread = await this.orm.call(MODEL, "inbox_open", [[id]]);
        this.state.thread = thread;
        this.keepPlace();
        this.props.updateActionState?.({ resId: id });
        if (thread.unread) {
            await this.orm.call(MODEL, "action_mark_read", [[id]]);
        }
    }

    close() {
        this.state.thread = null;
        this.props.updateActionState?.({ resId: false });
    }

    async older() {
        this.state.limit += PAGE;
        await this.reload();
    }

    /**
     * One after the other: `delta` 1 is the next one in the list.
     *
     * A conversation that was closed has left the list, and the next one stands in its place.
     */
    move(delta) {
        const { rows, thread } = this.state;
        const at = rows.findIndex((row) => row.id === thread?.id);
        const left = at === -1 && this.place !== -1;
        const from = left && delta > 0 ? this.place - 1 : left ? this.place : at;
        const row = rows[from === -1 && delta < 0 ? rows.length - 1 : from + delta];
        return row && this.open(row.id);
    }

    /** Runs one thing at a time and looks at what came of it. */
    async once(task) {
        if (this.state.busy) {
            return false;
        }
        this.state.busy = true;
        try {
            await task();
            await this.load();
            await this.reload();
            return true;
        } finally {
            this.state.busy = false;
        }
    }

    call(method, ...args) {
        const { id } = this.state.thread;
        return this.once(() => this.orm.call(MODEL, method, [[id], ...args]));
    }

    async assign(userId) {
        await this.call("action_assign", userId || false);
    }

    async setState(method) {
        const { id, name } = this.state.thread;
        if (method === "action_mark_unread") {
            this.close(); // what is open is being read
            return this.bulk(method, [], [id]);
        }
        await this.call(method);
        if (method === "action_close") {
            this.notification.add(_t("%s: closed.", name), {
                type: "success",
                buttons: [
                    { name: _t("Undo"), onClick: () => this.bulk("action_reopen", [], [id]) },
                ],
            });
        }
    }

    async link(partnerId) {
        await this.once(async () => {
            const { id } = this.state.thread;
            const joined = await this.orm.call(MODEL, "inbox_link", [[id], partnerId]);
            await this.open(joined);
        });
    }

    async newCustomer(name) {
        await this.once(async () => {
            const { id } = this.state.thread;
            await this.open(await this.orm.call(MODEL, "inbox_new_customer", [[id], name]));
        });
    }

    // ----------------------------------------------------------- shortcuts

    /** Gives the draft a shortcut asks for, if it asks for one. */
    async takeShortcut(code) {
        if (code === "thanks") {
            return this.setState("action_close");
        }
        if (code === "wrong_person") {
            return this.dialog.add(ConfirmationDialog, {
                title: _t("Not this customer's number?"),
                body: _t(
                    "The number is taken off the customer, what waits for it is cancelled, and a colleague is asked to find the right one."
                ),
                confirmLabel: _t("Wrong Number"),
                confirm: () => this.take(code),
                cancel: () => {},
            });
        }
        return this.take(code);
    }

    async take(code) {
        let found = {};
        await this.once(async () => {
            const { id, promise_day } = this.state.thread;
            found = await this.orm.call(MODEL, "inbox_shortcut", [[id], code, promise_day || false]);
        });
        if (found.done) {
            this.notification.add(found.done, { type: "success" });
        }
        if (found.action) {
            await this.action.doAction(answered(found.action), { onClose: () => this.refresh() });
            return null;
        }
        return found.done ? null : found;
    }

    playAnswer() {
        const context = { default_thread_id: this.state.thread.id };
        return this.action.doAction("optica_cobranca.action_contact_sandbox_answer", {
            additionalContext: context,
            onClose: () => this.refresh(),
        });
    }

    openCustomer() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: this.state.thread.partner_id,
            views: [[false, "form"]],
        });
    }

    // ---------------------------------------------------------------- bulk

    get chosen() {
        return this.state.rows.filter((row) => this.state.selected[row.id]).map((row) => row.id);
    }

    select(id, on) {
        this.state.selected[id] = on;
    }

    async bulk(method, args = [], ids = this.chosen) {
        if (!ids.length) {
            return;
        }
        await this.once(() => this.orm.call(MODEL, method, [ids, ...args]));
        this.state.selected = {};
    }

    /** For all that are chosen; closing many can be taken back as closing one can. */
    async bulkChosen(method) {
        const ids = this.chosen;
        await this.bulk(method, [], ids);
        if (method === "action_close") {
            this.notification.add(_t("Conversations closed: %s.", ids.length), {
                type: "success",
                buttons: [
                    { name: _t("Undo"), onClick: () => this.bulk("action_reopen", [], ids) },
                ],
            });
        }
    }
}

registry.category("actions").add("optica_cobranca.inbox", Inbox);
