import * as hoot from "@odoo/hoot-dom";
import { registry } from "@web/core/registry";

const PATIENT = "Pedro Prado";
const GUARDIAN = "Ana Prado";
const LAB = "Lab Visão";

/** Types into whatever has the focus, after proving that it is the expected field: no mouse. */
const type = (field, text, key = "Tab") => ({
    content: `${field}: ${text}`,
    trigger: `.o_field_widget[name=${field}] input:focus`,
    async run() {
        await hoot.edit(text);
        await hoot.press(key);
    },
});

/** One letter names the base of a prism; a letter of none changes nothing. */
const letter = (field, key, value) => ({
    content: `${field}: the letter ${key}`,
    trigger: `.o_field_widget[name=${field}] input:focus`,
    async run() {
        await hoot.press(key);
        await hoot.waitUntil(() => document.activeElement.value === value);
    },
});

const skip = (field, key = "Tab") => ({
    content: `${field} stays as it is`,
    trigger: `.o_field_widget[name=${field}] :focus`,
    async run() {
        // Radio buttons are one stop for a person, and one each for the tour.
        const isThere = () => document.activeElement.closest(`.o_field_widget[name=${field}]`);
        for (let presses = 0; presses < 3 && isThere(); presses++) {
            await hoot.press(key);
        }
    },
});

/** Types the first letters, waits for the name, takes it, and goes on when ``settled`` is there. */
const choose = (field, text, name, settled = ".o_form_view") => [
    {
        content: `${field}: ${text}`,
        trigger: `.o_field_widget[name=${field}] input:focus`,
        async run() {
            await hoot.edit(text);
        },
    },
    {
        trigger: `.o-autocomplete--dropdown-menu .ui-state-active:contains("${name}")`,
        run: "press Enter",
    },
    { trigger: `.o_field_widget[name=${field}] input:value("${name}")` },
    { trigger: settled },
    {
        trigger: `.o_field_widget[name=${field}] input:focus`,
        run: "press Tab",
    },
];

const head = [
    {
        content: "The list of prescriptions is open",
        trigger: ".o_list_button_add",
        run: "press alt+c",
    },
    // His guardian pays.
    ...choose(
        "patient_id",
        "Pedro",
        PATIENT,
        `.o_field_widget[name=payer_id]:contains("${GUARDIAN}")`
    ),
];

const values = [
    // Enter goes from value to value in the order of the paper's lines.
    type("od_sphere", "-2,00", "Enter"),
    type("od_cylinder", "+1,00", "Enter"),
    type("od_axis", "90", "Enter"),
    {
        content: "A positive cylinder is transposed",
        trigger: ".o_optica_rx [name=od_sphere] input:value(−1)",
    },
    { trigger: ".o_optica_rx [name=od_axis] input:value(180)" },
    type("od_addition", "2", "Enter"),
    type("od_prism", "2", "Enter"),
    letter("od_base", "x", ""),
    letter("od_base", "o", "Out"),
    skip("od_base", "Enter"),
    type("od_dnp", "31,5", "Enter"),
    skip("od_height", "Enter"),
    type("os_sphere", "pl", "Enter"),
    skip("os_cylinder", "Enter"),
    skip("os_axis", "Enter"),
    type("os_addition", "2", "Enter"),
    skip("os_prism", "Enter"),
    skip("os_base", "Enter"),
    type("os_dnp", "31", "Enter"),
    {
        content: "Near sphere follows: -1.00 + 2.00, plano + 2.00",
        trigger: ".o_optica_rx [name=od_near_sphere]:contains(+1)",
    },
    { trigger: ".o_optica_rx [name=os_near_sphere]:contains(+2)" },
    {
        content: "Both eyes together: 31.5 + 31",
        trigger: ".o_field_widget[name=pd] input:value(62)",
    },
];

const prescribed = [
    {
        content: "Save by keyboard",
        trigger: ".o_form_view",
        run: "press alt+s",
    },
    {
        content: "It has its number in the book",
        trigger: ".o_form_saved .o_field_widget[name=name]:not(:contains(New))",
        run: "press alt+g",
    },
];

const order = [
    {
        content: "The order knows payer, patient and prescription",
        trigger: `.o_form_view .o_field_widget[name=partner_id] input:value("${GUARDIAN}")`,
    },
    { trigger: `.o_field_widget[name=patient_id] input:value("${PATIENT}")` },
    {
        trigger: `.o_field_widget[name=prescription_id] input:value("${PATIENT}")`,
        run: "press alt+s",
    },
    {
        content: "Send it to the lab",
        trigger: "button[name=action_send_to_lab]:enabled",
        run: "press alt+q",
    },
    {
        trigger: ".modal .o_field_widget[name=lab_id] input",
        run: "edit Lab",
    },
    {
        trigger: `.o-autocomplete--dropdown-menu .dropdown-item:contains("${LAB}")`,
        run: "click",
    },
    {
        trigger: ".modal footer button.btn-primary:visible",
        run: "click",
    },
    {
        content: "It came back",
        trigger: ".o_form_view:not(:has(.modal)) button[name=action_ready]:visible:enabled",
        run: "click",
    },
    {
        content: "The guardian is told",
        trigger: ".o_field_widget[name=message_ready_state]:contains(Queued)",
    },
    {
        content: "Somebody takes the glasses",
        trigger: "button[name=action_deliver]:visible:enabled",
        run: "click",
    },
    {
        content: "and finds them in order",
        trigger: `.modal:has(.o_field_widget[name=accepted_by] input:value("${GUARDIAN}")) .o_field_widget[name=accepted] input`,
        run: "check",
    },
    {
        content: "The customer may sign",
        trigger: ".modal .o_field_widget[name=accepted_signature] .o_signature",
        run: "click",
    },
    {
        content: "The pad opens to be drawn on",
        trigger: ".modal .o_web_sign_draw_button.active",
    },
    {
        trigger: ".modal:has(.o_web_sign_draw_button) footer button.btn-secondary",
        run: "click",
    },
    {
        trigger: ".modal:not(.o_inactive_modal):not(:has(.o_web_sign_draw_button)) footer button.btn-primary:visible",
        run: "click",
    },
    {
        content: "Delivered",
        trigger: ".o_statusbar_status .o_arrow_button_current:contains(Delivered)",
    },
];

registry.category("web_tour.tours").add("optica_cobranca_optical", {
    steps: () => [
        ...head,
        skip("kind"),
        ...choose("prescriber_id", "123456", "Dra. Lia Costa"),
        skip("exam_date"),
        skip("expiry_date"),
        skip("origin"),
        ...values,
        ...prescribed,
        ...order,
    ],
});
