/**
 * Opens every menu of some apps in the web client of the person logged in: its first view, every
 * other view and every smart button of a record that nobody with less rights has seen. Tells the
 * console of each page and of each fault. Runs within `browser_js`, which puts constants before it:
 *
 * - APPS: XML ids of the menus to walk, and LEFT_ALONE: those of menus that do a night's work
 * - KNOWN: what others have seen: views by their model, type and architecture, buttons by model
 *   and name
 */
(async () => {
    const PATIENCE = 60000;
    const FORM = ".o_action_manager .o_form_renderer";
    // What of a view is on the page once its data are.
    const RENDERED = {
        list: ".o_list_renderer",
        kanban: ".o_kanban_renderer",
        form: ".o_form_renderer",
        calendar: ".o_calendar_renderer .fc",
        pivot: ".o_pivot_view .o_pivot, .o_pivot_view .o_view_nocontent",
        graph: ".o_graph_view canvas, .o_graph_view .o_view_nocontent",
        activity: ".o_activity_view table, .o_activity_view .o_view_nocontent",
    };
    const { action: actions, menu: menus, orm, view: views } = odoo.__WOWL_DEBUG__.root.env.services;
    const { rpcBus } = odoo.loader.modules.get("@web/core/network/rpc");
    const { browser } = odoo.loader.modules.get("@web/core/browser/browser");
    const say = console.log.bind(console);
    const known = new Set(KNOWN);
    const running = new Set();
    let page = "start";

    // ------------------------------------------------------------ listening

    function finding(text) {
        say(`finding: ${page}: ${String(text).replace(/\s+/g, " ").slice(0, 600)}`);
    }

    function words(error) {
        const cause = error?.cause || error;
        return cause?.data?.message
            ? `${cause.exceptionName}: ${cause.data.message}`
            : cause?.stack || cause;
    }

    function listen() {
        browser.open = (url) => {
            say(`visited: ${page} → opens ${url}`);
            return window;
        };
        console.error = (...parts) => finding(`console: ${parts.map(words).join(" ")}`);
        for (const name of ["unhandledrejection", "error"]) {
            window.addEventListener(
                name,
                (event) => {
                    finding(`${name}: ${words(event.reason || event.error || event.message)}`);
                    event.preventDefault();
                },
                { capture: true }
            );
        }
        rpcBus.addEventListener("RPC:REQUEST", ({ detail }) => running.add(detail.data.id));
        rpcBus.addEventListener("RPC:RESPONSE", ({ detail }) => {
            running.delete(detail.data.id);
            if (detail.error) {
                finding(`answer: ${words(detail.error)}`);
            }
        });
        new PerformanceObserver((list) => {
            for (const { name, responseStatus } of list.getEntries()) {
                if (responseStatus >= 400) {
                    finding(`HTTP ${responseStatus} of ${name}`);
                }
            }
        }).observe({ type: "resource", buffered: true });
    }

    // ------------------------------------------------------------ waiting

    function frame() {
        return new Promise((resolve) => requestAnimationFrame(resolve));
    }

    /** Wait until this is true and nothing more is asked of the server. */
    async function settled(isThere, what) {
        const deadline = performance.now() + PATIENCE;
        let quiet = 0;
        while (quiet < 3) {
            if (performance.now() > deadline) {
                finding(`${what} did not appear, or the server is asked again and again`);
                return;
            }
            await frame();
            quiet = !running.size && isThere() ? quiet + 1 : 0;
        }
    }

    /** Say what dialogs and notifications of trouble stand over the page, and close them. */
    function look({ dialog }) {
        const faults = [".o_error_dialog", ".o_notification .bg-danger"];
        if (!dialog) {
            faults.push(".o_dialog .modal-content");
        }
        for (const node of document.querySelectorAll(faults.join(","))) {
            finding(`shown: ${node.innerText}`);
        }
        for (const node of document.querySelectorAll(".o_error_dialog .modal-footer .btn-primary")) {
            node.click();
        }
    }

    // ------------------------------------------------------------ walking

    /**
     * Open a page, and tell what is wrong with it.
     *
     * @param {string} name what is told
     * @param {string|() => boolean} there a selector, or whether it is there
     * @param {() => Promise} open
     * @param {{dialog: boolean}} [options] whether a dialog may be open on it
     */
    async function visit(name, there, open, { dialog = false } = {}) {
        page = name;
        say(`visited: ${page}`);
        const isThere = typeof there === "string" ? () => document.querySelector(there) : there;
        try {
            await open();
            await settled(isThere, typeof there === "string" ? there : "anything");
        } catch (error) {
            finding(words(error));
        }
        look({ dialog });
    }

    function isNew(what) {
        const found = !known.has(what);
        known.add(what);
        say(`known: ${what}`);
        return found;
    }

    function print(model, type, arch) {
        let number = 2166136261;
        for (const sign of arch) {
            number = Math.imul(number ^ sign.codePointAt(0), 16777619);
        }
        return `${model} ${type} ${number >>> 0}`;
    }

    /** The first view of an action, and the others that nobody has seen as this person sees them. */
    async function viewsToSee(action) {
        const wanted = action.views.filter(([, type]) => type !== "search");
        const search = action.search_view_id?.[0] || false;
        const answer = await views.loadViews(
            {
                context: action.context,
                resModel: action.res_model,
                views: [...wanted, [search, "search"]],
            },
            {
                actionId: action.id,
                loadActionMenus: action.target !== "new" && action.target !== "inline",
                loadIrFilters: true,
            }
        );
        return wanted
            .map(([, type], place) => {
                const seen = !isNew(print(action.res_model, type, answer.views[type].arch));
                return { type, seen: seen && place > 0 };
            })
            .filter(({ type, seen }) => type in RENDERED && !seen)
            .map(({ type }) => type);
    }

    async function firstRecord(action) {
        if (action.res_id) {
            return action.res_id;
        }
        const found = await orm.search(action.res_model, action.domain || [], {
            limit: 1,
            context: action.context,
        });
        return found[0] || false;
    }

    async function walkViews(path, action) {
        const several = action.views.some(([, type]) => !["form", "search"].includes(type));
        for (const type of await viewsToSee(action)) {
            const within = `.o_action_manager :is(${RENDERED[type]})`;
            const name = `${path} → ${action.res_model} ${type}`;
            if (type !== "form") {
                await visit(name, within, () => open(action, { viewType: type }));
                continue;
            }
            const resId = several && (await firstRecord(action));
            if (several && !resId) {
                continue; // nothing to open, and not everybody may make one
            }
            await visit(name, within, async () => {
                if (!several || actions.currentController?.action.id !== action.id) {
                    await open(action);
                }
                if (several) {
                    await actions.switchView("form", { resId });
                }
            });
            await walkButtons(path, action.res_model);
        }
    }

    /** The smart buttons of the form on the page, those below *More* among them. */
    async function smartButtons() {
        const more = document.querySelector(".o_action_manager .o_button_more");
        if (more && !document.querySelector(".o-dropdown--menu .oe_stat_button")) {
            more.click();
            await frame();
            await frame();
        }
        const found = document.querySelectorAll(".o-form-buttonbox button.oe_stat_button[name]");
        return new Map([...found].map((node) => [node.getAttribute("name"), node]));
    }

    async function walkButtons(path, model) {
        const form = actions.currentController;
        for (const name of (await smartButtons()).keys()) {
            if (!isNew(`${model} button ${name}`)) {
                continue;
            }
            const button = (await smartButtons()).get(name);
            const label = button.innerText.replace(/\s+/g, " ").trim();
            let answered = false;
            const listen = () => (answered = true);
            rpcBus.addEventListener("RPC:RESPONSE", listen);
            await visit(`${path} → ${model} form / ${label}`, () => answered, () => button.click(), {
                dialog: true,
            });
            rpcBus.removeEventListener("RPC:RESPONSE", listen);
            await actions.doAction({ type: "ir.actions.act_window_close" });
            if (actions.currentController !== form) {
                await actions.restore(form.jsId);
                await settled(() => document.querySelector(FORM), FORM);
            }
        }
    }

    function open(action, options = {}) {
        return actions.doAction(action.id, { clearBreadcrumbs: true, ...options });
    }

    async function walkMenu(menu, path) {
        page = path;
        const action = await actions.loadAction(menu.actionID);
        if (action.type === "ir.actions.act_window" && action.target !== "new") {
            await walkViews(path, action);
            return;
        }
        const inDialog = action.target === "new" || action.tag === "optica_cobranca.dialog_over";
        const dialog = inDialog || action.type === "ir.actions.server";
        const there = inDialog ? ".o_dialog .o_form_renderer" : ".o_action_manager > *";
        const dialogOf = action.params?.dialog?.res_model;
        const what = action.res_model || dialogOf || action.tag || action.type;
        await visit(`${path} → ${what}`, there, () => open(action), { dialog });
        if (dialog) {
            await actions.doAction({ type: "ir.actions.act_window_close" });
        }
    }

    async function walk() {
        listen();
        for (const app of menus.getApps().filter(({ xmlid }) => APPS.includes(xmlid))) {
            const waiting = [[menus.getMenuAsTree(app.id), app.name]];
            while (waiting.length) {
                const [menu, path] = waiting.shift();
                waiting.push(...menu.childrenTree.map((each) => [each, `${path} / ${each.name}`]));
                const isDoor = menu.actionID && menu !== menus.getMenu(app.id);
                if (isDoor && !LEFT_ALONE.includes(menu.xmlid)) {
                    try {
                        await walkMenu(menu, path);
                    } catch (error) {
                        finding(words(error));
                    }
                }
            }
        }
    }

    walk()
        .catch((error) => finding(words(error)))
        .finally(() => say("test successful"));
})();
