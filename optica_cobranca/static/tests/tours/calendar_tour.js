import { registry } from "@web/core/registry";

const { DateTime } = luxon;

/** A day of next month, and its cell. */
const isoDay = (day) => DateTime.now().plus({ months: 1 }).set({ day }).toISODate();
const cell = (day) => `.fc-daygrid-day[data-date='${isoDay(day)}']`;
const GLASSES = ".fc-event.o_optica_kind_delivery_promised:contains('Bruno Reis')";

registry.category("web_tour.tours").add("optica_cobranca_calendar", {
    steps: () => [
        {
            content: "The birthday counts",
            trigger: ".o_optica_today_kind_birthday .o_optica_today_count",
        },
        { content: "To the calendar", trigger: ".o_optica_today_calendar", run: "click" },
        {
            content: "Ana's birthday stands in the month",
            trigger: ".fc-event.o_optica_kind_birthday:contains('Ana Prado')",
            run: "click",
        },
        {
            content: "She can be called and written to",
            trigger: ".o_cw_popover:has(.o_optica_call):has(.o_optica_whatsapp)",
        },
        { content: "She was greeted", trigger: ".o_optica_mark_handled", run: "click" },
        {
            content: "Spoke to her",
            trigger: ".modal .o_field_widget[name=result] input[data-value=spoke]",
            run: "click",
        },
        {
            content: "A note",
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit Very happy",
        },
        { content: "Handled", trigger: ".modal button[name=action_apply]", run: "click" },
        {
            content: "The calendar shows it at once",
            trigger: ".fc-event.o_optica_handled:contains('Ana Prado')",
        },
        { content: "Next month", trigger: ".o_calendar_button_next", run: "click" },
        {
            content: "Bruno's glasses to another day",
            trigger: `${cell(10)} ${GLASSES}`,
            run: `drag_and_drop ${cell(17)} .fc-daygrid-day-events`,
        },
        {
            content: "The question names him",
            trigger: ".modal .modal-body:contains('Bruno Reis')",
        },
        { content: "Yes", trigger: ".modal .modal-footer .btn-primary", run: "click" },
        {
            content: "There they are",
            trigger: `.fc-daygrid-day:has(${GLASSES}):not([data-date='${isoDay(10)}'])`,
        },
        { content: "The question is gone", trigger: "body:not(:has(.modal))" },
    ],
});
