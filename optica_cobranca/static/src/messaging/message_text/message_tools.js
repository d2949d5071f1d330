import { _t } from "@web/core/l10n/translation";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { useDropdownState } from "@web/core/dropdown/dropdown_hooks";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";

const MODEL = "contact.template";
const TYPING_MS = 400;
let known;

/** Placeholders are the same for every text: asked for once. */
function placeholdersOf(orm) {
    known = known || orm.call(MODEL, "placeholders", []).catch((error) => {
        known = undefined;
        throw error;
    });
    return known;
}

/** Case and accents do not matter in a search. */
function plain(text) {
    return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
}

class PlaceholderList extends Component {
    static template = "optica_cobranca.PlaceholderList";
    static components = { DropdownItem };
    static props = { placeholders: Array, onChosen: Function };

    setup() {
        useAutofocus({ refName: "search" });
        this.state = useState({ search: "" });
    }

    get found() {
        const words = plain(this.state.search).split(/\s+/).filter(Boolean);
        return this.props.placeholders.filter((item) => {
            const said = plain(`${item.name} ${item.meaning}`);
            return words.every((word) => said.includes(word));
        });
    }

    onKeydown(ev) {
        if (ev.key === "Enter" && this.found.length) {
            ev.preventDefault();
            this.props.onChosen(this.found[0]);
        }
    }
}

/** Below a text: put a placeholder in, how long it comes out, and what is wrong with it. */
export class MessageTools extends Component {
    static template = "optica_cobranca.MessageTools";
    static components = { Dropdown, PlaceholderList };
    static props = {
        name: String,
        text: String,
        purpose: { optional: true },
        isApproved: Boolean,
        insert: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.menu = useDropdownState();
        this.state = useState({ placeholders: [], measured: null });
        this.measureSoon = useDebounced((props) => this.measure(props), TYPING_MS);
        onWillStart(async () => {
            this.state.placeholders = await placeholdersOf(this.orm);
            await this.measure(this.props);
        });
        onWillUpdateProps((next) => {
            const { text, purpose, isApproved } = this.props;
            if (next.text !== text || next.purpose !== purpose || next.isApproved !== isApproved) {
                this.measureSoon(next);
            }
        });
    }

    async measure(props) {
        if (props.text) {
            this.state.measured = await this.orm.silent.call(MODEL, "measure", [
                props.name,
                props.text,
                props.purpose || false,
                props.isApproved,
            ]);
        } else {
            this.state.measured = null;
        }
    }

    get counter() {
        const { length, parts, seconds, longest } = this.state.measured;
        switch (this.props.name) {
            case "sms_body":
                return _t("About %(length)s characters, %(parts)s SMS", { length, parts });
            case "voice_body":
                return _t("About %s seconds, read out twice", seconds);
            case "whatsapp_body":
                return _t("About %(length)s of %(longest)s characters", { length, longest });
        }
        return _t("About %s characters", length);
    }

    get isTooLong() {
        const { length, parts, longest } = this.state.measured;
        return (longest && length > longest) || (this.props.name === "sms_body" && parts > 1);
    }

    onChosen(item) {
        this.menu.close();
        this.props.insert(item.name);
    }
}
