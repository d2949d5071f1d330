import { _t } from "@web/core/l10n/translation";
import { AlertDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { patch } from "@web/core/utils/patch";
import { SelectionPopup } from "@point_of_sale/app/components/popups/selection_popup/selection_popup";
import { PaymentScreen } from "@point_of_sale/app/screens/payment_screen/payment_screen";
import { makeAwaitable } from "@point_of_sale/app/utils/make_awaitable_dialog";

/** A payment on the customer's account asks for its terms; without them there is no line. */
patch(PaymentScreen.prototype, {
    async addNewPaymentLine(paymentMethod) {
        const order = this.currentOrder;
        const asks =
            paymentMethod.type === "pay_later" && !this.isRefundOrder && order.remainingDue > 0;
        if (asks && !(await this.opticaChooseTerms(order))) {
            return false;
        }
        return super.addNewPaymentLine(...arguments);
    },

    /** Customer, then plan and number, then first due date. True once all of them are chosen. */
    async opticaChooseTerms(order) {
        const partner = order.getPartner() || (await this.pos.selectPartner(order));
        if (!partner) {
            return false;
        }
        const choices = await this.pos.data.call("pos.order", "crediario_choices", [
            this.pos.config.id,
            partner.id,
            order.totalDue,
            order.remainingDue,
        ]);
        if (choices.problem) {
            this.dialog.add(AlertDialog, { title: _t("Crediário"), body: choices.problem });
            return false;
        }
        const offer = await this.opticaPick(_t("Installments"), choices.offers);
        const date = offer && (await this.opticaPick(_t("First Due Date"), offer.dates));
        if (!date) {
            return false;
        }
        order.crediario_terms = `${offer.key}/${date.key}`;
        order.setToInvoice(true);
        return true;
    },

    opticaPick(title, rows) {
        return makeAwaitable(this.dialog, SelectionPopup, {
            title,
            list: rows.map((row) => ({ ...row, id: row.key, item: row })),
        });
    },
});
