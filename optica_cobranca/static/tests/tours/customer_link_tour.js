import { registry } from "@web/core/registry";

const SHOWN = ":contains('108.22')";

registry.category("web_tour.tours").add("optica_cobranca_customer_link", {
    steps: () => [
        {
            content: "The link greets by the first name and shows what is late",
            trigger: `.o_optica_customer_page:contains("Hello, Maria!") [name=total_today]${SHOWN}`,
        },
        {
            content: "Nobody is logged in and nothing asks for it",
            trigger: "body:not(:has(a[href^='/web/login']))",
        },
        {
            content: "Pay what is late",
            trigger: `a[name=pay_now]${SHOWN}`,
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Fine and interest are told apart",
            trigger: ".o_optica_customer_page li:contains('2.11'):contains('0.53')",
        },
        {
            trigger: `[name=to_pay]${SHOWN}`,
        },
        {
            content: "Pay with Pix",
            trigger: "button[name=go_pix]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The code is copied with one tap",
            trigger: ".o_optica_customer_copy button",
            run: "click",
        },
        {
            trigger: ".o_optica_customer_copy button.btn-success:contains('Copied')",
        },
        {
            content: "The page fits a phone",
            trigger: ".o_optica_customer_waiting",
            run() {
                const { scrollWidth, clientWidth } = document.documentElement;
                if (scrollWidth > clientWidth) {
                    throw new Error(`The page is ${scrollWidth} wide on a screen of ${clientWidth}`);
                }
            },
            expectUnloadPage: true,
        },
        {
            content: "Once the money is seen the page says so by itself",
            trigger: "#paid_thank_you",
        },
        {
            content: "What is left is one tap away",
            trigger: ".o_optica_customer_page a:contains('See what is left')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".o_optica_customer_page:contains('Nothing is late')",
        },
    ],
});
