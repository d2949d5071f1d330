import { useEffect } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { formView } from "@web/views/form/form_view";
import { FormController } from "@web/views/form/form_controller";

/**
 * Enter goes on: what was typed or scanned is taken in, and the button that receives has the focus;
 * Enter on it receives. A scanner that ends its code by Enter never receives by itself.
 */
export class CashierFormController extends FormController {
    setup() {
        super.setup();
        useEffect(
            (root) => {
                const onKeydown = (event) => this.onKeydown(event, root);
                root?.addEventListener("keydown", onKeydown, true);
                return () => root?.removeEventListener("keydown", onKeydown, true);
            },
            () => [this.rootRef.el]
        );
    }

    async onKeydown(event, root) {
        const plain = !event.shiftKey && !event.ctrlKey && !event.altKey && !event.isComposing;
        const isInput = event.target.matches("input:not([type=checkbox]):not([type=radio])");
        if (event.key !== "Enter" || !plain || !isInput || this.isChoosing(event.target)) {
            return;
        }
        event.preventDefault();
        event.stopPropagation();
        event.target.blur();
        // The answers to what was typed come first.
        await this.model.mutex.getUnlockedDef();
        requestAnimationFrame(() => {
            root.querySelector("button[name=action_receive]:not([disabled])")?.focus();
        });
    }

    /** Enter in a list chooses from it, also in one that is still being looked up. */
    isChoosing(input) {
        const list = input.closest(".o-autocomplete");
        if (!list) {
            return false;
        }
        const customer = this.model.root.data.partner_id;
        const isChosen = !input.value || input.value === customer?.display_name;
        return Boolean(list.querySelector(".o-autocomplete--dropdown-menu")) || !isChosen;
    }
}

registry.category("views").add("optica_cobranca_cashier_form", {
    ...formView,
    Controller: CashierFormController,
});
