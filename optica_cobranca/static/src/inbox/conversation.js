import { Component, onPatched, onMounted, onWillUpdateProps, useRef, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { useFileViewer } from "@web/core/file_viewer/file_viewer_hook";
import { useDebounced } from "@web/core/utils/timing";
import { useService } from "@web/core/utils/hooks";

import { Composer } from "./composer";
import { CHANNEL_ICONS, INTENTS } from "./thread_list";

const TICKS = {
    queued: "fa-clock-o",
    sending: "fa-clock-o",
    uncertain: "fa-question-circle text-warning",
    paced: "fa-hourglass-half",
    sent: "fa-check",
    delivered: "o_optica_inbox_double",
    read: "o_optica_inbox_double o_optica_inbox_read",
    failed: "fa-exclamation-circle text-danger",
};
const AGREED_ICONS = {
    promises: "fa-handshake-o",
    disputes: "fa-exclamation-triangle text-warning",
    agreements: "fa-file-text-o",
    pauses: "fa-pause-circle-o",
};

/** One conversation: what was said, what it seems to ask for, and the answer. */
export class Conversation extends Component {
    static template = "optica_cobranca.Conversation";
    static components = { Composer };
    static props = {
        thread: Object,
        options: Object,
        busy: Boolean,
        onBack: Function,
        onOlder: Function,
        onAssign: Function,
        onState: Function,
        onShortcut: Function,
        onLink: Function,
        onNewCustomer: Function,
        onReply: Function,
        onPlayAnswer: Function,
        onOpenCustomer: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.body = useRef("body");
        this.viewer = useFileViewer();
        this.state = useState({ found: [], searched: false, draft: null, name: "" });
        this.icons = CHANNEL_ICONS;
        this.intents = INTENTS;
        this.ticks = TICKS;
        this.agreedIcons = AGREED_ICONS;
        this.search = useDebounced((text) => this.find(text), 300);
        this.atEnd = true;
        onWillUpdateProps(() => {
            const body = this.body.el;
            this.atEnd = !body || body.scrollHeight - body.scrollTop - body.clientHeight < 60;
        });
        onMounted(() => this.toEnd());
        onPatched(() => this.atEnd && this.toEnd());
    }

    get shortcuts() {
        const { shortcuts, suggestions } = this.props.thread;
        const offered = Object.keys(INTENTS).filter((key) => shortcuts.includes(key));
        if (suggestions.includes("thanks")) {
            offered.push("thanks");
        }
        return offered.map((key) => ({
            key,
            ...INTENTS[key],
            likely: this.props.thread.state === "open" && suggestions[0] === key,
        }));
    }

    isNewDay(index) {
        const { entries } = this.props.thread;
        return !index || entries[index - 1].day !== entries[index].day;
    }

    toEnd() {
        if (this.body.el) {
            this.body.el.scrollTop = this.body.el.scrollHeight;
        }
    }

    async takeShortcut(key) {
        const draft = await this.props.onShortcut(key);
        if (draft) {
            this.state.draft = { ...draft };
        }
    }

    async find(text) {
        this.state.name = text;
        if (text.trim().length < 2) {
            Object.assign(this.state, { found: [], searched: false });
            return;
        }
        this.state.found = await this.orm.call("contact.thread", "inbox_find_customers", [text]);
        this.state.searched = true;
    }

    show(file) {
        if (!file.is_picture && !file.is_pdf) {
            browser.open(`${file.url}&download=true`, "_blank");
            return;
        }
        this.viewer.open({
            name: file.name,
            isImage: file.is_picture,
            isPdf: file.is_pdf,
            isViewable: true,
            downloadUrl: `${file.url}&download=true`,
            defaultSource: file.is_pdf
                ? `/web/static/lib/pdfjs/web/viewer.html?file=${encodeURIComponent(file.url)}`
                : file.url,
        });
    }
}
