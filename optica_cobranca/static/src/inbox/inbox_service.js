import { reactive } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";

const CHANGED = "optica_cobranca.inbox";

/**
 * How many conversations hold words nobody has read, kept up to date over the bus. Screens listen
 * by `onChanged`. The bus tells only that something has changed; each one asks for what he may see.
 */
export const inboxService = {
    dependencies: ["bus_service", "orm"],
    start(env, { bus_service: bus, orm }) {
        const listeners = new Set();
        const state = reactive({ unread: 0, visible: false });
        let waiting = null;

        async function refresh() {
            waiting = null;
            state.unread = await orm.silent.call("contact.thread", "unread_total", []);
        }

        user.hasGroup("optica_cobranca.group_seller").then((allowed) => {
            if (!allowed) {
                return;
            }
            state.visible = true;
            refresh();
            bus.subscribe(CHANGED, ({ companies }) => {
                const mine = user.activeCompanies.map((company) => company.id);
                if (!companies.some((id) => mine.includes(id))) {
                    return;
                }
                // A webhook may carry fifty messages: one question is enough for all of them.
                waiting ??= setTimeout(refresh, 400);
                listeners.forEach((listener) => listener());
            });
            bus.start();
        });
        return {
            state,
            onChanged(listener) {
                listeners.add(listener);
                return () => listeners.delete(listener);
            },
        };
    },
};

registry.category("services").add("optica_cobranca.inbox", inboxService);
