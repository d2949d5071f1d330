import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("optica_cobranca_birthdays", {
    steps: () => [
        {
            content: "Three birthdays today",
            trigger: ".o_optica_today_kind_birthday .o_optica_today_count:contains(/^3$/)",
        },
        {
            content: "One click greets all of them",
            trigger: ".o_optica_today_kind_birthday .o_optica_today_send:enabled",
            run: "click",
        },
        {
            trigger: ".modal footer button.btn-primary",
            run: "click",
        },
        {
            content: "Nothing of it is left to do",
            trigger: ".o_optica_today_finished:contains(3)",
        },
        {
            content: "See what was handled",
            trigger: ".o_optica_today_progress",
            run: "click",
        },
        {
            content: "Each of them has its message",
            trigger: ".o_list_view .o_data_row:eq(2)",
        },
    ],
});
