import { registry } from "@web/core/registry";

const FIRST = "Ana Prado";
const SECOND = "Bruno Reis";
const THIRD = "Carla Dias";

const opened = (name) => ({
    content: `${name} is open`,
    trigger: `.o_optica_work_card .o_optica_work_customer:contains("${name}")`,
});

const toCall = (count) => ({
    content: `${count} customers are left to call`,
    trigger: `.o_optica_work_remaining:contains(/^${count}$/)`,
});

const choose = (result) => ({
    content: `The result: ${result}`,
    trigger: `.o_optica_work_results button[data-result=${result}]:enabled`,
    run: "click",
});

const start = [
    {
        content: "The work list is the first screen of the ladder",
        trigger: '.o_menu_sections [data-menu-xmlid="optica_cobranca.menu_ladder"]',
        run: "click",
    },
    {
        trigger: '.o-dropdown--menu [data-menu-xmlid="optica_cobranca.menu_dunning_work"]',
        run: "click",
    },
    {
        content: "Ranked by amount × rating × days late",
        trigger: `.o_optica_work_row:nth-child(1):contains("${FIRST}")`,
    },
    { trigger: `.o_optica_work_row:nth-child(2):contains("${SECOND}")` },
    { trigger: `.o_optica_work_row:nth-child(3):contains("${THIRD}")` },
    toCall(3),
    {
        content: "Begin",
        trigger: ".o_optica_work_start",
        run: "click",
    },
    opened(FIRST),
    {
        content: "The formula is on the card",
        trigger: ".o_optica_work_formula:contains('300.00 late × 1.0 (rating –) × 20 days = 6,000 points')",
    },
    { trigger: ".o_optica_work_call[href='tel:+5511961234567']" },
    { trigger: ".o_optica_work_whatsapp[href='https://wa.me/5511961234567']" },
];

// The address names the customer: the page read again opens the same one.
const refresh = [
    {
        content: "Refresh",
        trigger: ".o_optica_work_card",
        run: () => window.location.reload(),
        expectUnloadPage: true,
    },
    opened(FIRST),
    toCall(3),
];

// Three clicks: the result, the day, the word.
const promise = [
    choose("promise"),
    {
        content: "The first day that is offered",
        trigger: ".o_optica_work_result .o_optica_work_choice:first",
        run: "click",
    },
    {
        content: "Confirm",
        trigger: ".o_optica_work_confirm:enabled",
        run: "click",
    },
    opened(SECOND),
    toCall(2),
    { trigger: ".o_optica_work_promised:contains('306.00')" },
];

// Two clicks: the result, and when.
const noAnswer = [
    choose("no_answer"),
    {
        content: "Call again",
        trigger: ".o_optica_work_result .o_optica_work_choice:last",
        run: "click",
    },
    opened(THIRD),
    toCall(1),
];

const wrongNumber = [
    choose("wrong_number"),
    {
        content: "Confirm",
        trigger: ".o_optica_work_confirm:enabled",
        run: "click",
    },
    {
        content: "Nobody is left",
        trigger: ".o_optica_work_empty:contains('Nobody is left to call today')",
    },
    toCall(0),
    {
        content: "They are found by the filters",
        trigger: ".o_optica_work_filters button[data-status=held]",
        run: "click",
    },
    { trigger: `.o_optica_work_row:contains("${FIRST}"):contains("Promise to pay")` },
];

const undo = [
    {
        content: "The last result was a slip",
        trigger: ".o_optica_work_undo:contains('Wrong Number')",
        run: "click",
    },
    opened(THIRD),
    {
        content: "The number is back",
        trigger: ".o_optica_work_call[href='tel:+5511961234569']",
    },
    toCall(1),
    {
        content: "and it is written down what happened",
        trigger: ".o_optica_work_entry.text-decoration-line-through:contains('Wrong Number')",
    },
];

// With the keyboard alone: 8 is "no answer", Enter takes the first moment.
const keyboard = [
    {
        content: "No answer by its key",
        trigger: ".o_optica_work_card",
        run: "press 8",
    },
    {
        content: "The first choice has the focus",
        trigger: ".o_optica_work_result[data-result=no_answer] .o_optica_work_choice:first:focus",
        run: "click",
    },
    {
        trigger: ".o_optica_work_empty",
    },
    toCall(0),
];

registry.category("web_tour.tours").add("optica_cobranca_work_list", {
    steps: () => [...start, ...refresh, ...promise, ...noAnswer, ...wrongNumber, ...undo, ...keyboard],
});
