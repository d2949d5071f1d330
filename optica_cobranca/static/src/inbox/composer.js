import { Component, onWillUpdateProps, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

const MODEL = "contact.thread";
const MAX_BYTES = 16 * 1024 * 1024;

/** Free words while the customer's 24 hours run, a template with its preview at any time. */
export class Composer extends Component {
    static template = "optica_cobranca.Composer";
    static props = {
        thread: Object,
        busy: Boolean,
        draft: { type: [Object, { value: null }] },
        onReply: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.notification = useService("notification");
        this.input = useRef("input");
        this.file = useRef("file");
        this.state = useState({
            text: "",
            file: null,
            byTemplate: !this.props.thread.can_answer,
            templates: null,
            templateId: 0,
            preview: null,
        });
        if (this.state.byTemplate) {
            this.chooseTemplates();
        }
        onWillUpdateProps((next) => {
            if (next.draft && next.draft !== this.props.draft) {
                this.takeDraft(next.draft);
            }
            if (!next.thread.can_answer && this.props.thread.can_answer) {
                this.chooseTemplates();
            } else if (next.thread.can_answer && !this.props.thread.can_answer) {
                this.state.byTemplate = false;
            }
        });
    }

    async takeDraft(draft) {
        if (draft.template_id) {
            await this.chooseTemplates();
            await this.preview(draft.template_id);
            return;
        }
        Object.assign(this.state, {
            text: draft.text || this.state.text,
            file: draft.file || null,
            byTemplate: false,
        });
        this.input.el?.focus();
    }

    async chooseTemplates() {
        this.state.byTemplate = true;
        if (!this.state.templates && this.props.thread.partner_id) {
            const { id } = this.props.thread;
            this.state.templates = await this.orm.call(MODEL, "inbox_templates", [[id]]);
        }
    }

    async preview(id) {
        Object.assign(this.state, { templateId: id, preview: null });
        if (id) {
            const args = [[this.props.thread.id], id];
            this.state.preview = await this.orm.call(MODEL, "inbox_preview", args);
        }
    }

    get ready() {
        const { byTemplate, preview, text, file } = this.state;
        return !this.props.busy && (byTemplate ? Boolean(preview) : Boolean(text.trim() || file));
    }

    async send() {
        if (!this.ready) {
            return;
        }
        const { byTemplate, templateId, text, file } = this.state;
        const sent = byTemplate
            ? await this.props.onReply("inbox_send_template", templateId)
            : await this.props.onReply("inbox_reply", text, file ? file.id : false);
        if (sent) {
            Object.assign(this.state, { text: "", file: null, templateId: 0, preview: null });
        }
    }

    onKeydown(ev) {
        if (ev.key === "Enter" && (ev.ctrlKey || ev.metaKey)) {
            ev.preventDefault();
            this.send();
        } else if (ev.key === "Escape") {
            ev.stopPropagation();
            ev.target.blur();
        }
    }

    async attach(ev) {
        const [file] = ev.target.files;
        ev.target.value = "";
        if (!file) {
            return;
        }
        if (file.size > MAX_BYTES) {
            this.notification.add(_t("Files up to 16 MB can be sent."), { type: "warning" });
            return;
        }
        const content = await new Promise((resolve) => {
            const reader = new FileReader();
            reader.onload = () => resolve(reader.result.split(",")[1]);
            reader.readAsDataURL(file);
        });
        await this.detach();
        const args = [[this.props.thread.id], file.name, content];
        this.state.file = await this.orm.call(MODEL, "inbox_attach", args);
    }

    async detach() {
        if (this.state.file) {
            const { id } = this.state.file;
            this.state.file = null;
            await this.orm.call(MODEL, "inbox_detach", [[this.props.thread.id], id]);
        }
    }
}
