import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

/** Hands the page to the browser's printing, which also saves PDFs. */
export class PrintPage extends Interaction {
    static selector = ".o_optica_customer_print";
    dynamicContent = {
        _root: { "t-on-click": () => window.print() },
    };
}

registry.category("public.interactions").add("optica_cobranca.PrintPage", PrintPage);
