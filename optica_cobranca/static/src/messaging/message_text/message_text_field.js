import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { TextField, textField } from "@web/views/fields/text/text_field";
import { HtmlField, htmlField } from "@html_editor/fields/html_field";

import { useState } from "@odoo/owl";

import { MessageTools } from "./message_tools";

function toolsOf(field, text) {
    const { name, record } = field.props;
    return {
        name,
        text,
        purpose: record.data.purpose,
        isApproved: Boolean(record.data.whatsapp_template_name),
        insert: (placeholder) => field.insert(placeholder),
    };
}

/** A text of a message: plain, with placeholders. */
export class MessageTextField extends TextField {
    static template = "optica_cobranca.MessageTextField";
    static components = { ...TextField.components, MessageTools };

    setup() {
        super.setup();
        // What is being typed: the record learns of it only when the field is left.
        this.typed = useState({ text: null });
    }

    get tools() {
        const saved = this.props.record.data[this.props.name] || "";
        return toolsOf(this, this.typed.text ?? saved);
    }

    onInput(ev) {
        this.typed.text = ev.target.value;
    }

    onChange() {
        this.typed.text = null;
    }

    insert(placeholder) {
        const area = this.textareaRef.el;
        area.setRangeText(placeholder, area.selectionStart, area.selectionEnd, "end");
        area.dispatchEvent(new InputEvent("input", { bubbles: true }));
        area.dispatchEvent(new Event("change", { bubbles: true }));
        area.focus();
    }
}

/** The text of an e-mail. */
export class MessageHtmlField extends HtmlField {
    static template = "optica_cobranca.MessageHtmlField";
    static components = { ...HtmlField.components, MessageTools };

    get tools() {
        return toolsOf(this, String(this.props.record.data[this.props.name] || ""));
    }

    insert(placeholder) {
        this.editor.shared.selection.focusEditable();
        this.editor.shared.dom.insert(placeholder);
        this.editor.shared.history.addStep();
    }
}

registry.category("fields").add("optica_message_text", {
    ...textField,
    component: MessageTextField,
    displayName: _t("Text of a message"),
    supportedTypes: ["text", "char"],
});
registry.category("fields").add("optica_message_html", {
    ...htmlField,
    component: MessageHtmlField,
    displayName: _t("Text of an e-mail"),
});
