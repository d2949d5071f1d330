import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";

import { answered } from "../../shop/client_actions/client_actions";

/** Dropping a card on another column takes the step of the order, and asks for what it needs. */
export class ServiceOrderKanbanRenderer extends KanbanRenderer {
    setup() {
        super.setup();
        this.orm = useService("orm");
        this.actionService = useService("action");
    }

    async sortRecordDrop(dataRecordId, dataGroupId, params) {
        const { list } = this.props;
        const target = params.parent?.dataset.id;
        const isState = list.isGrouped && list.groupByField.name === "state";
        if (!isState || !target || target === dataGroupId) {
            return super.sortRecordDrop(...arguments);
        }
        params.parent.classList.remove("o_kanban_hover");
        const record = list.records.find((candidate) => candidate.id === dataRecordId);
        const group = list.groups.find((candidate) => candidate.id === target);
        if (!record || !group) {
            return;
        }
        this.toggleProcessing(dataRecordId, true);
        const reload = () => list.model.load();
        try {
            const action = await this.orm.call(list.resModel, "action_drop", [
                [record.resId],
                group.value,
            ]);
            if (action) {
                await this.actionService.doAction(answered(action), { onClose: reload });
            }
        } finally {
            this.toggleProcessing(dataRecordId, false);
            await reload();
        }
    }
}

registry.category("views").add("optica_service_order_kanban", {
    ...kanbanView,
    Renderer: ServiceOrderKanbanRenderer,
});
