import { useExternalListener } from "@odoo/owl";

/**
 * Single keys of the inbox, as long as nobody writes and no dialog is open.
 *
 * @param {Object.<string, Function>} works what each key does
 */
export function useInboxKeys(works) {
    useExternalListener(window, "keydown", (ev) => {
        const isElsewhere = ev.target.closest("input, textarea, select, .modal, .o-dropdown");
        const isCombined = ev.ctrlKey || ev.altKey || ev.metaKey;
        if (isElsewhere || isCombined || document.querySelector(".modal, .o-FileViewer")) {
            return;
        }
        const isButton = ev.key === "Enter" && ev.target.closest("button, a");
        const work = works[ev.key];
        if (work && !isButton) {
            ev.preventDefault();
            work();
        }
    });
}
