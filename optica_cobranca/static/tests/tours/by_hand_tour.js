import { registry } from "@web/core/registry";

/** Chats are not opened in a test: their addresses are kept. */
const opened = [];

registry.category("web_tour.tours").add("optica_cobranca_by_hand", {
    steps: () => [
        {
            content: "Ana is first",
            trigger: ".o_optica_by_hand_customer:contains('Ana')",
            run: () => {
                window.open = (url) => opened.push(url);
            },
        },
        { content: "The number of messages", trigger: ".o_optica_by_hand_remaining:contains('3')" },
        { content: "Open her chat with a key", trigger: "body", run: "press Enter" },
        {
            content: "The chat is open",
            trigger: ".o_optica_by_hand_go.btn-success",
            run: () => {
                if (!opened[0].includes("wa.me/5511960000001")) {
                    throw new Error(`Another chat was opened: ${opened}`);
                }
            },
        },
        { content: "Sent, next one", trigger: "body", run: "press Enter" },
        {
            content: "Bia's chat is open already",
            trigger: ".o_optica_by_hand_page:has(.o_optica_by_hand_customer:contains('Bia')) .o_optica_by_hand_go.btn-success",
        },
        { content: "Skip her", trigger: "body", run: "press s" },
        { content: "Clara is next", trigger: ".o_optica_by_hand_customer:contains('Clara')" },
        { content: "She is not on WhatsApp", trigger: "body", run: "press n" },
        { content: "Bia comes back", trigger: ".o_optica_by_hand_customer:contains('Bia')" },
        { content: "Clara is, after all", trigger: "body", run: "press z" },
        { content: "Two to go", trigger: ".o_optica_by_hand_remaining:contains('2')" },
    ],
});
