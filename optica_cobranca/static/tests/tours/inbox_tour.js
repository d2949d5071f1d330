import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("optica_cobranca_inbox_connect", {
    steps: () => [
        {
            content: "The gateway is a sandbox",
            trigger: ".o_field_widget[name=provider]",
        },
        {
            content: "Switch it on",
            trigger: ".o_statusbar_status button[data-value=live]",
            run: "click",
        },
        {
            content: "It is live",
            trigger: ".o_statusbar_status button[data-value=live].o_arrow_button_current",
        },
        {
            content: "and saved",
            trigger: ".o_form_saved",
        },
    ],
});

registry.category("web_tour.tours").add("optica_cobranca_inbox_preview", {
    steps: () => [
        {
            content: "How long the text comes out",
            trigger: "[name=whatsapp_body] .o_optica_message_length:contains('of 1024 characters')",
        },
        {
            content: "The phone of the shop is missing in it",
            trigger: "[name=whatsapp_body] .o_optica_placeholder_button",
            run: "click",
        },
        {
            trigger: ".o_optica_placeholder_menu input[type=search]",
            run: "edit phone of shop && press Enter",
        },
        {
            content: "It stands where the cursor was",
            trigger: "[name=whatsapp_body] textarea:value(/shop_phone/)",
        },
        {
            content: "What would it say?",
            trigger: "button[name=action_preview]",
            run: "click",
        },
        {
            content: "To a real customer",
            trigger: ".modal .o_field_widget[name=whatsapp_preview]:contains('Hello')",
        },
        {
            content: "and whether it would leave",
            trigger: ".modal .o_field_widget[name=fate]:contains('Would')",
        },
    ],
});

registry.category("web_tour.tours").add("optica_cobranca_inbox_send", {
    steps: () => [
        {
            content: "Write to the customer",
            trigger: ".o-form-buttonbox .o_button_more",
            run: "click",
        },
        {
            trigger: ".o-dropdown--menu button:contains('Send Message')",
            run: "click",
        },
        {
            content: "by a template",
            trigger: ".modal .o_field_widget[name=template_id] input",
            run: "edit Late",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(/^Late$/)",
            run: "click",
        },
        {
            content: "It is shown before",
            trigger: ".modal .o_field_widget[name=whatsapp_preview]:contains('Hello Ana')",
        },
        {
            trigger: ".modal button[name=action_send]",
            run: "click",
        },
        {
            content: "It is in the outbox",
            trigger: ".o_data_row:contains('Ana Prado')",
        },
    ],
});

// The customer answers, promises, and what waited for him is stopped.
registry.category("web_tour.tours").add("optica_cobranca_inbox_answer", {
    steps: () => [
        {
            content: "The reminder has arrived",
            trigger: ".o_arrow_button_current:contains('Read')",
        },
        {
            content: "The customer answers",
            trigger: "button:contains('Play an Answer')",
            run: "click",
        },
        {
            content: "in words that are proposed",
            trigger: ".modal .o_field_widget[name=text] textarea:value(/^Pago sexta-feira/)",
        },
        {
            trigger: ".modal button[name=action_play]",
            run: "click",
        },
        {
            content: "The conversation is open, with the reminder read",
            trigger: ".o_optica_inbox_bubble.o_optica_inbox_out .o_optica_inbox_tick[data-state=read]",
        },
        {
            content: "and the customer's words",
            trigger: ".o_optica_inbox_bubble.o_optica_inbox_in:contains('Pago sexta-feira sem falta')",
        },
        {
            content: "What waited for him was stopped",
            trigger: ".o_optica_inbox_note:contains('Customer replied')",
        },
        {
            content: "A promise is what the words ask for",
            trigger: ".o_optica_inbox_shortcut.o_optica_inbox_likely[data-shortcut=promise]",
            run: "click",
        },
        {
            content: "Register it for the day that was named",
            trigger: ".modal button[name=action_register]",
            run: "click",
        },
        {
            content: "The promise is seen above the conversation",
            trigger: ".o_optica_inbox_agreed li[data-kind=promises]",
        },
        {
            content: "Answer with the keyboard",
            trigger: ".o_optica_inbox_composer textarea",
            run: "edit Combinado, obrigada!",
        },
        {
            trigger: ".o_optica_inbox_composer textarea",
            run: "press ctrl+Enter",
        },
        {
            content: "The answer is on its way",
            trigger: ".o_optica_inbox_bubble.o_optica_inbox_out[data-state=queued]:contains('Combinado')",
        },
        {
            content: "It is no more the shop's turn",
            trigger: ".o_optica_inbox_filters button[data-state=answered]:contains('1')",
            run: "click",
        },
        {
            content: "The conversation is among the answered ones",
            trigger: ".o_optica_inbox_row:contains('Ana Prado')",
        },
        {
            content: "Nothing is left to do",
            trigger: ".o_optica_inbox_close:enabled",
            run: "click",
        },
        {
            trigger: ".o_optica_inbox_filters button[data-state=closed]:contains('1')",
        },
    ],
});

const isOpen = (place) => ({
    content: `Conversation ${place} of the list is open`,
    trigger: `.o_optica_inbox_row:nth-child(${place}).o_optica_inbox_current`,
});

const choose = (place) => ({
    trigger: `.o_optica_inbox_row:nth-child(${place}) input[type=checkbox]`,
    run: "click",
});

// Three conversations with one hand on the keyboard; what was closed by mistake comes back.
registry.category("web_tour.tours").add("optica_cobranca_inbox_many", {
    steps: () => [
        {
            content: "Open the second of three",
            trigger: ".o_optica_inbox_row:nth-child(2):nth-last-child(2) > button",
            run: "click",
        },
        isOpen(2),
        {
            content: "Refresh the page",
            trigger: ".o_optica_inbox_composer",
            run: () => window.location.reload(),
            expectUnloadPage: true,
        },
        isOpen(2),
        {
            content: "Close it: it leaves the list",
            trigger: ".o_optica_inbox_close:enabled",
            run: "click",
        },
        {
            content: "J goes on with what stands in its place, not with the first",
            trigger: ".o_optica_inbox_row:nth-child(2):last-child",
            run: "press j",
        },
        isOpen(2),
        {
            content: "K goes back",
            trigger: ".o_optica_inbox_row:nth-child(2)",
            run: "press k",
        },
        isOpen(1),
        choose(1),
        choose(2),
        {
            content: "Close both",
            trigger: ".o_optica_inbox_bulk_close",
            run: "click",
        },
        {
            trigger: ".o_optica_inbox_filters button[data-state=closed]:contains('3')",
        },
        {
            content: "That was a slip",
            trigger: ".o_notification:contains('Conversations closed: 2.') button:contains('Undo')",
            run: "click",
        },
        {
            content: "Both are back",
            trigger: ".o_optica_inbox_filters button[data-state=open]:contains('2')",
        },
    ],
});
