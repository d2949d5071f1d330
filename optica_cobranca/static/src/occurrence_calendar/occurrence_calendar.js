import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { CalendarCommonPopover } from "@web/views/calendar/calendar_common/calendar_common_popover";
import { CalendarCommonRenderer } from "@web/views/calendar/calendar_common/calendar_common_renderer";
import { CalendarController } from "@web/views/calendar/calendar_controller";
import { CalendarRenderer } from "@web/views/calendar/calendar_renderer";
import { calendarView } from "@web/views/calendar/calendar_view";

// Occurrences have a day and no hour: a grid of hours would stay empty.
const SCALE_TO_DAY_GRID = { day: "dayGridDay", week: "dayGridWeek", month: "dayGridMonth" };

/** What a person wants at once on a click: the customer, or a message to the customer. */
export class OccurrencePopover extends CalendarCommonPopover {
    static subTemplates = {
        ...CalendarCommonPopover.subTemplates,
        footer: "optica_cobranca.OccurrencePopover.footer",
    };

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.action = useService("action");
    }

    async onAction(method) {
        const { model, record, close } = this.props;
        const action = await this.orm.call(model.resModel, method, [[record.id]]);
        close();
        await this.action.doAction(action, { onClose: () => model.load() });
    }
}

export class OccurrenceCommonRenderer extends CalendarCommonRenderer {
    static components = { ...CalendarCommonRenderer.components, Popover: OccurrencePopover };

    get options() {
        return { ...super.options, initialView: SCALE_TO_DAY_GRID[this.props.model.scale] };
    }
}

export class OccurrenceRenderer extends CalendarRenderer {
    static components = {
        ...CalendarRenderer.components,
        day: OccurrenceCommonRenderer,
        week: OccurrenceCommonRenderer,
        month: OccurrenceCommonRenderer,
    };
}

/** Opening an occurrence means opening its customer; the view itself has nothing to edit. */
export class OccurrenceController extends CalendarController {
    get className() {
        return `${super.className || ""} o_optica_occurrence_calendar`;
    }

    async editRecord(record) {
        const action = await this.orm.call(this.model.resModel, "action_open_customer", [[record.id]]);
        return this.action.doAction(action);
    }
}

registry.category("views").add("optica_occurrence_calendar", {
    ...calendarView,
    Controller: OccurrenceController,
    Renderer: OccurrenceRenderer,
});
