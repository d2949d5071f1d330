import { registry } from "@web/core/registry";
import sale from "@sale/js/tours/tour_utils";

const CUSTOMER = "Maria da Silva";

const openMenu = (section, item) => [
    {
        content: `Open the section ${section}`,
        trigger: `.o_menu_sections [data-menu-xmlid="optica_cobranca.${section}"]`,
        run: "click",
    },
    ...(item
        ? [
              {
                  content: `Open ${item}`,
                  trigger: `.o-dropdown--menu [data-menu-xmlid="optica_cobranca.${item}"]`,
                  run: "click",
              },
          ]
        : []),
];

const many2one = (name, value) => [
    {
        content: `Choose ${value}`,
        trigger: `.o_field_widget[name=${name}] input`,
        run: `edit ${value}`,
    },
    {
        trigger: `.ui-autocomplete .dropdown-item:contains("${value}")`,
        run: "click",
    },
];

const sell = [
    ...sale.createNewSalesOrder(),
    ...sale.selectCustomer(CUSTOMER),
    {
        content: "The seller is warned of what is late already",
        trigger: '.alert-danger:contains("late installments")',
    },
    ...sale.addProduct("Glasses"),
    {
        content: "The product is chosen with its price",
        trigger: ".o_data_row td[name=price_unit]:contains('600'), .o_data_row [name=price_unit] input:value('600.00')",
    },
    {
        content: "Terms of the credit",
        trigger: ".o_notebook .nav-link[name=crediario]",
        run: "click",
    },
    ...many2one("crediario_plan_id", "Test plan"),
    {
        content: "Six installments",
        trigger: ".o_field_widget[name=installment_count] input",
        run: "edit 6 && press Tab",
    },
    {
        content: "The customer sees all six before agreeing",
        trigger:
            ".o_optica_installment_table tbody:has(tr[data-number='6']):not(:has(tr[data-number='7']))",
    },
    {
        content: "Confirm",
        trigger: ".o_statusbar_buttons button[name=action_confirm]:not(:hidden)",
        run: "click",
    },
    {
        trigger: ".o_arrow_button_current:contains('Sales Order')",
    },
    {
        content: "Invoice",
        trigger: ".o_statusbar_buttons button#create_invoice",
        run: "click",
    },
    {
        trigger: ".modal button[name=create_invoices]",
        run: "click",
    },
    {
        content: "Post the contract",
        trigger: ".o_statusbar_buttons button[name=action_post]",
        run: "click",
    },
    {
        trigger: ".o_arrow_button_current:contains('Posted')",
    },
];

const list = [
    {
        content: "Its installments",
        trigger: ".oe_stat_button[name=action_view_installments]",
        run: "click",
    },
    {
        content: "Six of them, the first one due today",
        trigger: ".o_list_view .o_data_row:nth-child(6) td[name=installment_label]:contains('6/6')",
    },
    {
        trigger: ".o_list_view .o_data_row:nth-child(1) td[name=installment_state]:contains('Due Today')",
    },
    {
        content: "The customer pays the second one",
        trigger: ".o_data_row:contains('2/6') .o_list_record_selector input",
        run: "click",
    },
    {
        trigger: "button[name=action_pay_installments]",
        run: "click",
    },
    {
        trigger: ".modal button[name=action_create_payments]",
        run: "click",
    },
    {
        content: "It is paid",
        trigger: ".o_list_view .o_data_row:contains('2/6') td[name=installment_state]:contains('Paid')",
    },
];

const collect = [
    {
        content: "Open the apps",
        trigger: ".o_navbar_apps_menu button",
        run: "click",
    },
    {
        trigger: '.o-dropdown--menu [data-menu-xmlid="optica_cobranca.menu_root"]',
        run: "click",
    },
    ...openMenu("menu_installments", "menu_installment_list"),
    {
        content: "The late installment and the five open ones of the sale",
        trigger: ".o_list_view:not(:has(.o_data_row:contains('2/6'))) .o_data_row:contains('Late')",
    },
    ...openMenu("menu_ladder", "menu_dunning_run_now"),
    {
        content: "The run is done",
        trigger: ".o_form_view .o_arrow_button_current:contains('Done')",
    },
    ...openMenu("menu_ladder", "menu_dunning_notice"),
    {
        content: "Notices are grouped by level and day",
        trigger: ".o_list_view .o_group_header:contains('15 dias')",
        run: "click",
    },
    {
        trigger: ".o_list_view .o_group_header:nth-child(2)",
        run: "click",
    },
    {
        content: "The late customer has a notice",
        trigger: `.o_list_view .o_data_row:contains("${CUSTOMER}")`,
    },
    ...openMenu("menu_contacts", "menu_contact_message"),
    {
        content: "And a message that waits for its hour",
        trigger: `.o_list_view .o_data_row:contains("${CUSTOMER}"):contains("Queued")`,
    },
];

const calendar = [
    ...openMenu("menu_calendar", "menu_occurrence_calendar"),
    {
        content: "The installment due today",
        trigger: `.o_optica_occurrence_calendar .fc-event:contains("${CUSTOMER} · 1/6")`,
        run: "click",
    },
    {
        trigger: ".o_cw_popover .o_optica_send_message",
    },
    {
        trigger: ".o_cw_popover .o_optica_open_customer",
        run: "click",
    },
    {
        content: "The customer, with the banner of what is late",
        trigger: ".o_form_view .alert-danger:contains('to settle today')",
    },
    {
        trigger: ".o_notebook .nav-link[name=crediario]",
        run: "click",
    },
    {
        content: "One late installment and five of the new contract",
        trigger: ".o_field_widget[name=open_installment_ids] .o_data_row:nth-child(6)",
    },
];

registry.category("web_tour.tours").add("optica_cobranca_main_job", {
    url: "/odoo/action-sale.action_quotations_with_onboarding",
    steps: () => [...sell, ...list, ...collect, ...calendar],
});
