import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { graphView } from "@web/views/graph/graph_view";
import { GraphRenderer } from "@web/views/graph/graph_renderer";
import { pivotView } from "@web/views/pivot/pivot_view";
import { PivotRenderer } from "@web/views/pivot/pivot_renderer";

/** A cell or a bar opens the messages that it counts, not the rows of the tally. */
const opensMessages = (Renderer) =>
    class extends Renderer {
        setup() {
            super.setup(...arguments);
            this.orm = useService("orm");
        }

        async openView(domain, views, context, newWindow) {
            const action = await this.orm.call("contact.report", "open_messages", [domain]);
            return this.actionService.doAction(action, { newWindow });
        }
    };

registry.category("views").add("optica_contact_report_pivot", {
    ...pivotView,
    Renderer: opensMessages(PivotRenderer),
});
registry.category("views").add("optica_contact_report_graph", {
    ...graphView,
    Renderer: opensMessages(GraphRenderer),
});
