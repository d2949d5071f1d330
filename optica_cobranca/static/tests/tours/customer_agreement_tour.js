import { registry } from "@web/core/registry";

function fitsThePhone() {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) {
        throw new Error(`The page is ${scrollWidth} wide on a screen of ${clientWidth}`);
    }
}

registry.category("web_tour.tours").add("optica_cobranca_customer_agreement", {
    steps: () => [
        {
            content: "Who cannot pay now finds the ways out",
            trigger: "a[name=way_agreement]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Three offers; the smallest installments are chosen",
            trigger: "[name=offers] a[data-parts='3']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "All figures before anything is agreed",
            trigger: "[name=terms]:contains('Total with credit')",
            run: fitsThePhone,
        },
        {
            trigger: "input[name=agreed]",
            run: "click",
        },
        {
            trigger: "button[name=accept]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Only the down payment is missing",
            trigger: "[name=waiting]",
            run: fitsThePhone,
        },
        {
            trigger: "a[name=pay_down]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Pix is one tap away",
            trigger: "button[name=go_pix]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The code is shown, the page waits for the money",
            trigger: ".o_optica_customer_waiting",
            run: fitsThePhone,
            expectUnloadPage: true,
        },
        {
            content: "Once the money is seen the page says so by itself",
            trigger: "#paid_thank_you",
        },
        {
            trigger: ".o_optica_customer_page a:contains('See what is left')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The debt is in the installments of the agreement now",
            trigger: ".o_optica_customer_page:contains('Nothing is late')",
        },
    ],
});
