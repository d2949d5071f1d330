import { _t } from "@web/core/l10n/translation";
import { localization } from "@web/core/l10n/localization";
import { registry } from "@web/core/registry";
import { useInputField } from "@web/views/fields/input_field_hook";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component, useRef } from "@odoo/owl";

const DIOPTRES = ["sphere", "cylinder", "addition"];
const STEPS = { axis: 1, base_curve: 0.1, diameter: 0.1, prism: 0.25 };
const WRITTEN_MINUS = "\u2212";

/** What a field holds, whichever eye and row: "od_near_sphere" is a "sphere". */
function valueKind(name) {
    return name.replace(/^(od|os)_/, "").replace(/^near_/, "");
}

/** The text of the server ("-1.25", "0.00", nothing) as the paper writes it. */
export function formatOptical(text, name) {
    const kind = valueKind(name);
    if (!text || !/^-?\d+(\.\d+)?$/.test(text)) {
        return text || "";
    }
    if (kind === "axis") {
        return `${text}°`;
    }
    if (DIOPTRES.includes(kind)) {
        if (Number(text) === 0) {
            return "pl";
        }
        text = Number(text) > 0 ? `+${text}` : text;
    }
    return text.replace(".", localization.decimalPoint).replace("-", WRITTEN_MINUS);
}

/** From value to value in the order of the paper's lines; the last one is left. */
function goOn(input) {
    const inputs = [...document.querySelectorAll(".o_optica_rx_values input:not([type=hidden])")];
    const next = inputs[inputs.indexOf(input) + 1];
    if (next) {
        next.focus();
    } else {
        input.blur();
    }
}

/**
 * One value of a prescription: typed with comma or point, "pl" for plano. Arrow up and down go a
 * step further, Enter goes on like Tab. The server reads, completes and checks what was typed; what
 * it finds colours the value.
 */
export class OpticalValue extends Component {
    static template = "optica_cobranca.OpticalValue";
    static props = { ...standardFieldProps };

    setup() {
        this.input = useRef("input");
        useInputField({
            getValue: () => this.text,
            refName: "input",
            parse: (text) => this.parse(text),
        });
    }

    get text() {
        return formatOptical(this.props.record.data[this.props.name], this.props.name);
    }

    get problem() {
        const problems = this.props.record.data.problems || [];
        return problems.find((problem) => problem.field === this.props.name);
    }

    get problemClass() {
        if (!this.problem) {
            return "";
        }
        return this.problem.blocks ? "o_optica_rx_wrong" : "o_optica_rx_unusual";
    }

    /** A value that reads the same as before is no change. */
    parse(text) {
        const typed = text.trim();
        return typed === this.text ? this.props.record.data[this.props.name] : typed || false;
    }

    onFocus(ev) {
        ev.target.select();
    }

    onKeydown(ev) {
        if (ev.key === "ArrowUp" || ev.key === "ArrowDown") {
            ev.preventDefault();
            this.step(ev.key === "ArrowUp" ? 1 : -1);
        } else if (ev.key === "Enter") {
            ev.preventDefault();
            ev.stopPropagation();
            goOn(this.input.el);
        }
    }

    step(direction) {
        const kind = valueKind(this.props.name);
        const size = STEPS[kind] || (DIOPTRES.includes(kind) ? 0.25 : 0.5);
        const typed = this.input.el.value.replace(WRITTEN_MINUS, "-").replace(",", ".");
        const next = (parseFloat(typed) || 0) + direction * size;
        const digits = kind === "axis" ? 0 : 2;
        this.input.el.value = formatOptical(next.toFixed(digits), this.props.name);
        this.input.el.dispatchEvent(new Event("input", { bubbles: true }));
        this.input.el.dispatchEvent(new Event("change", { bubbles: true }));
    }
}

/** The letter that stands for an option: the first of its name in the user's language. */
function letterOf(label) {
    return label
        .normalize("NFD")
        .replace(/[\u0300-\u036f]/g, "")
        .charAt(0)
        .toLowerCase();
}

/**
 * The base of a prism by one letter: the first of its name in the user's language, e.g. "t" for
 * temporal. Arrows go through the options, Delete and Backspace empty it, Enter goes on like Tab.
 * Any other letter changes nothing: a base is never guessed.
 */
export class OpticalBase extends Component {
    static template = "optica_cobranca.OpticalBase";
    static props = { ...standardFieldProps };

    setup() {
        this.input = useRef("input");
    }

    get options() {
        return this.props.record.fields[this.props.name].selection;
    }

    get text() {
        const value = this.props.record.data[this.props.name];
        return this.options.find((option) => option[0] === value)?.[1] || "";
    }

    get letters() {
        return this.options.map(([, label]) => `${letterOf(label).toUpperCase()}: ${label}`).join(", ");
    }

    get problem() {
        const problems = this.props.record.data.problems || [];
        return problems.find((problem) => problem.field === this.props.name);
    }

    get problemClass() {
        return this.problem ? "o_optica_rx_wrong" : "";
    }

    change(value) {
        return this.props.record.update({ [this.props.name]: value });
    }

    onFocus(ev) {
        ev.target.select();
    }

    /** What a phone's keyboard or a paste brings: its first letter counts. */
    onInput(ev) {
        const typed = ev.target.value.trim();
        const option = typed && this.optionFor(typed.charAt(0));
        if (option || !typed) {
            this.change(option ? option[0] : false);
        }
        ev.target.value = this.text;
    }

    onKeydown(ev) {
        if (ev.key === "Enter") {
            ev.preventDefault();
            ev.stopPropagation();
            goOn(this.input.el);
        } else if (["Backspace", "Delete"].includes(ev.key)) {
            ev.preventDefault();
            this.change(false);
        } else if (["ArrowUp", "ArrowDown"].includes(ev.key)) {
            ev.preventDefault();
            this.step(ev.key === "ArrowDown" ? 1 : -1);
        } else if (ev.key.length === 1 && !ev.ctrlKey && !ev.altKey && !ev.metaKey) {
            ev.preventDefault();
            const option = this.optionFor(ev.key);
            if (option) {
                this.change(option[0]);
            }
        }
    }

    optionFor(character) {
        return this.options.find(([, label]) => letterOf(label) === letterOf(character));
    }

    step(direction) {
        const values = [false, ...this.options.map(([value]) => value)];
        const place = values.indexOf(this.props.record.data[this.props.name]);
        this.change(values[(place + direction + values.length) % values.length]);
    }
}

export class OpticalProblems extends Component {
    static template = "optica_cobranca.OpticalProblems";
    static props = { ...standardFieldProps };

    get problems() {
        return this.props.record.data[this.props.name] || [];
    }
}

registry.category("fields").add("optica_optical_value", {
    component: OpticalValue,
    displayName: _t("Value of a prescription"),
    supportedTypes: ["char"],
});
registry.category("fields").add("optica_optical_base", {
    component: OpticalBase,
    displayName: _t("Base of a prism, by its first letter"),
    supportedTypes: ["selection"],
});
registry.category("fields").add("optica_optical_problems", {
    component: OpticalProblems,
    displayName: _t("What is unusual in a prescription"),
    supportedTypes: ["json"],
});
