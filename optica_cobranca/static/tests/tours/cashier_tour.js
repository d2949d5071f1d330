import { registry } from "@web/core/registry";

const CUSTOMER = "Maria da Silva";
const PAID_ROW = ".o_field_widget[name=line_ids] .o_data_row";

const findCustomer = [
    {
        content: "Open the counter",
        trigger: '.o_menu_sections [data-menu-xmlid="optica_cobranca.menu_crediario_cash"]',
        run: "click",
    },
    {
        content: "Open the cashier",
        trigger: '.o-dropdown--menu [data-menu-xmlid="optica_cobranca.menu_crediario_cashier"]',
        run: "click",
    },
    {
        content: "Find the customer by telephone",
        trigger: ".o_field_widget[name=partner_id] input",
        run: "edit 11 96123-4567",
    },
    {
        trigger: `.ui-autocomplete .dropdown-item:contains("${CUSTOMER}")`,
        run: "click",
    },
];

const choose = [
    {
        content: "The late installment is ticked, with fine and interest",
        trigger: `${PAID_ROW}:first .o_boolean_toggle input:checked`,
    },
    {
        content: "The next one is not",
        trigger: `${PAID_ROW}:last .o_boolean_toggle input:not(:checked)`,
    },
    {
        content: "Tick it too",
        trigger: `${PAID_ROW}:last .o_boolean_toggle input`,
        run: "click",
    },
    {
        content: "Principal of both",
        trigger: ".o_field_widget[name=amount_principal]:contains('200.00')",
    },
];

const waive = [
    {
        content: "The fine is waived",
        trigger: ".o_field_widget[name=waived] input",
        run: "edit 2.00 && press Tab",
    },
    {
        content: "with a reason",
        trigger: ".o_field_widget[name=waiver_reason] input",
        run: "edit Good customer && press Tab",
    },
    {
        content: "Nothing is left to pay",
        trigger: "body:not(:has(.o_field_widget[name=amount_left]))",
    },
];

const receive = [
    {
        content: "By card: all of it, by a button",
        trigger: ".o_field_widget[name=pay_with_id] button:contains('Debit Card')",
        run: "click",
    },
    {
        trigger: ".o_field_widget[name=pay_with_id] button[aria-pressed=true]:contains('Debit Card')",
    },
    {
        trigger: ".o_field_widget[name=method_ids] .o_data_row:contains('Debit Card')",
    },
    {
        content: "Enter goes on from wherever one types",
        trigger: ".o_field_widget[name=reference] input",
        run: "click && press Enter",
    },
    {
        content: "to the button that receives",
        trigger: "button[name=action_receive]:focus",
    },
    {
        content: "Enter receives",
        trigger: "button[name=action_receive]:focus",
        run: "press Enter",
    },
    {
        content: "The receipt shows what was paid",
        trigger: ".o_field_widget[name=amount_principal]:contains('200.00')",
    },
    {
        content: "and what was waived",
        trigger: ".o_field_widget[name=amount_waived]:contains('2.00')",
    },
    {
        trigger: ".o_field_widget[name=line_ids] .o_data_row:nth-child(2)",
    },
];

const undo = [
    {
        content: "Undo it",
        trigger: "button[name=action_undo]",
        run: "click",
    },
    {
        trigger: ".modal .o_field_widget[name=reason] input",
        run: "edit Wrong customer",
    },
    {
        trigger: ".modal button[name=action_undo]",
        run: "click",
    },
    {
        content: "The receipt is kept, undone",
        trigger: ".ribbon:contains('Undone')",
    },
];

registry.category("web_tour.tours").add("optica_cobranca_cashier", {
    steps: () => [...findCustomer, ...choose, ...waive, ...receive, ...undo],
});
