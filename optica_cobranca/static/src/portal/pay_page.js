import { registry } from "@web/core/registry";
import { browser } from "@web/core/browser/browser";
import { Interaction } from "@web/public/interaction";

const ASK_EVERY = 4000;
const STOP_AFTER = 15 * 60 * 1000;

/** Copies the Pix code; selects it where the browser gives no clipboard. */
export class CopyPixCode extends Interaction {
    static selector = ".o_optica_customer_copy";
    dynamicContent = {
        button: { "t-on-click": this.copy },
    };

    async copy(ev) {
        const button = ev.currentTarget;
        const field = this.el.querySelector("textarea");
        field.select();
        try {
            await this.waitFor(browser.navigator.clipboard.writeText(field.value));
        } catch {
            document.execCommand("copy");
        }
        button.classList.replace("btn-primary", "btn-success");
        button.querySelector(".o_optica_before").classList.add("d-none");
        button.querySelector(".o_optica_after").classList.remove("d-none");
    }
}

/** Asks whether the payment arrived, while somebody looks at the page. */
export class WaitForPayment extends Interaction {
    static selector = ".o_optica_customer_waiting";

    start() {
        this.until = Date.now() + STOP_AFTER;
        this.waitForTimeout(() => this.ask(), ASK_EVERY);
    }

    async ask() {
        if (!document.hidden) {
            const response = await this.waitFor(
                fetch(this.el.dataset.stateUrl, { headers: { Accept: "application/json" } }).catch(
                    () => undefined
                )
            );
            if (response?.ok && (await this.waitFor(response.json())).state === "paid") {
                browser.location.assign(this.el.dataset.thanksUrl);
                return;
            }
        }
        if (Date.now() < this.until) {
            this.waitForTimeout(() => this.ask(), ASK_EVERY);
        } else {
            this.el.querySelector(".o_optica_before")?.classList.add("d-none");
            this.el.querySelector(".o_optica_after")?.classList.remove("d-none");
        }
    }
}

/** The sum of what is ticked, as the server works it out for each installment. */
export class ChooseInstallments extends Interaction {
    static selector = ".o_optica_customer_choose";
    dynamicContent = {
        "input[type=checkbox]": { "t-on-change": this.add },
    };

    start() {
        this.add();
    }

    add() {
        const ticked = [...this.el.querySelectorAll("input[type=checkbox]:checked")];
        const cents = ticked.reduce((sum, box) => sum + Math.round(box.dataset.amount * 100), 0);
        const total = new Intl.NumberFormat(document.documentElement.lang || undefined, {
            style: "currency",
            currency: this.el.dataset.currency,
        }).format(cents / 100);
        this.el.querySelector(".o_optica_sum").textContent = total;
        this.el.querySelector("button[name=go_pay]").disabled = !ticked.length;
    }
}

for (const interaction of [CopyPixCode, WaitForPayment, ChooseInstallments]) {
    registry
        .category("public.interactions")
        .add(`optica_cobranca.${interaction.name}`, interaction);
}
