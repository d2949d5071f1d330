import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { Component, onMounted, onWillUnmount, xml } from "@odoo/owl";

const EVERY_MS = 2000;

/** Reads the record again every two seconds for as long as its state is "running". */
export class ReloadWhileRunning extends Component {
    static template = xml`<span/>`;
    static props = { ...standardWidgetProps };

    setup() {
        onMounted(() => (this.timer = setInterval(() => this.reload(), EVERY_MS)));
        onWillUnmount(() => clearInterval(this.timer));
    }

    async reload() {
        const { record } = this.props;
        if (record.resId && record.data.state === "running" && !(await record.isDirty())) {
            await record.load();
        }
    }
}

registry.category("view_widgets").add("optica_reload_while_running", { component: ReloadWhileRunning });
