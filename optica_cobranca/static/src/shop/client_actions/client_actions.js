import { markup } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/**
 * An action that a screen asked of the server itself, ready to be run.
 *
 * The web client marks the empty state of an action as HTML where it loads the action by its id
 * or by a button; called by `orm`, it arrives as text and its tags would be shown.
 */
export function answered(action) {
    return action?.help ? { ...action, help: markup(action.help) } : action;
}

/** Saves a file; the list or form that asked for it is read again, for its rows have changed. */
function download(env, action) {
    browser.location.assign(action.params.url);
    return { type: "ir.actions.act_window_close" };
}

/**
 * A dialog of the menu. Opened by its address alone there is nothing behind it, and closing it
 * would leave a blank page: the page it belongs to is opened first.
 */
async function dialogOver(env, action) {
    const { dialog, behind } = action.params;
    if (!env.services.action.currentController) {
        await env.services.action.doAction(behind, { clearBreadcrumbs: true });
    }
    return dialog;
}

/** What was done to many, with a button that takes it back. */
function doneWithUndo(env, action) {
    const { message, model, method, ids } = action.params;
    const close = env.services.notification.add(message, {
        type: "success",
        buttons: [
            {
                name: _t("Undo"),
                onClick: async () => {
                    close();
                    await env.services.orm.call(model, method, [ids]);
                    await env.services.action.doAction({
                        type: "ir.actions.client",
                        tag: "soft_reload",
                    });
                },
            },
        ],
    });
    return { type: "ir.actions.act_window_close" };
}

const actions = registry.category("actions");
actions.add("optica_cobranca.download", download);
actions.add("optica_cobranca.dialog_over", dialogOver);
actions.add("optica_cobranca.done_with_undo", doneWithUndo);
