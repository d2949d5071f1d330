import { registry } from "@web/core/registry";

/** What waits is approved in one go; then the next days are looked at. */
registry.category("web_tour.tours").add("optica_cobranca_approval_forecast", {
    steps: () => [
        { trigger: ".o_group_header", run: "click" },
        { trigger: ".o_data_row:contains('Bia')" },
        { trigger: ".o_data_row:contains('Ana') .o_list_record_selector input", run: "click" },
        { trigger: "button[name='action_approve']", run: "click" },
        { trigger: ".o_notification:contains('1 approved.')" },
        { trigger: ".o_list_view:not(:has(.o_data_row:contains('Ana')))" },
        { trigger: ".o_data_row:contains('Bia') .o_list_record_selector input", run: "click" },
        { trigger: "button[name='action_refuse']", run: "click" },
        { trigger: ".modal .o_field_widget[name='reason'] input", run: "edit Came by today" },
        { trigger: ".modal button[name='action_refuse']", run: "click" },
        { trigger: ".o_notification:contains('1 refused.')" },
        { trigger: '.o_menu_sections [data-menu-xmlid="optica_cobranca.menu_ladder"]', run: "click" },
        { trigger: '[data-menu-xmlid="optica_cobranca.menu_dunning_forecast"]', run: "click" },
        { trigger: ".o_list_button_add", run: "click" },
        { trigger: ".o_field_widget[name='days'] input", run: "edit 6" },
        { trigger: "button[name='action_compute']:contains('Look Ahead')", run: "click" },
        { trigger: ".o_field_widget[name='summary'] td:contains('Together')" },
        { trigger: "button[name='action_open_lines']", run: "click" },
        { trigger: ".o_group_header" },
    ],
});
