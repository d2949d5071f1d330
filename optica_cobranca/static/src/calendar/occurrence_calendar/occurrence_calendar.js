import { onWillStart } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { CalendarCommonPopover } from "@web/views/calendar/calendar_common/calendar_common_popover";
import { CalendarCommonRenderer } from "@web/views/calendar/calendar_common/calendar_common_renderer";
import { CalendarController } from "@web/views/calendar/calendar_controller";
import { CalendarRenderer } from "@web/views/calendar/calendar_renderer";
import { calendarView } from "@web/views/calendar/calendar_view";
import { CalendarYearRenderer } from "@web/views/calendar/calendar_year/calendar_year_renderer";

import { answered } from "../../shop/client_actions/client_actions";
import { OccurrenceCalendarModel } from "./occurrence_calendar_model";

// Occurrences have a day and no hour: a grid of hours would stay empty.
const SCALE_TO_DAY_GRID = { day: "dayGridDay", week: "dayGridWeek", month: "dayGridMonth" };

/** What a person wants at once on a click: call, write, mark as done, open. */
export class OccurrencePopover extends CalendarCommonPopover {
    static subTemplates = {
        ...CalendarCommonPopover.subTemplates,
        footer: "optica_cobranca.OccurrencePopover.footer",
    };

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.action = useService("action");
        this.links = {};
        onWillStart(async () => {
            this.links = await this.call("contact_links");
        });
    }

    get isHandled() {
        return this.props.record.isHandled;
    }

    get hasDocument() {
        return this.props.record.rawRecord.res_model !== "res.partner";
    }

    call(method) {
        const { model, record } = this.props;
        return this.orm.call(model.resModel, method, [[record.id]]);
    }

    async onAction(method) {
        const { model, close } = this.props;
        const action = await this.call(method);
        close();
        if (action) {
            await this.action.doAction(answered(action), { onClose: () => model.load() });
        } else {
            await model.load();
        }
    }
}

export class OccurrenceCommonRenderer extends CalendarCommonRenderer {
    static components = { ...CalendarCommonRenderer.components, Popover: OccurrencePopover };
    static eventTemplate = "optica_cobranca.OccurrenceEvent";

    get options() {
        return {
            ...super.options,
            initialView: SCALE_TO_DAY_GRID[this.props.model.scale],
            // A month has little room for a day; a day and a week have the whole page.
            dayMaxEventRows: this.props.model.scale === "month" && this.props.model.eventLimit,
            // A day is all that can be changed.
            eventDurationEditable: false,
        };
    }

    convertRecordToEvent(record) {
        return {
            ...super.convertRecordToEvent(record),
            editable: this.props.model.isMovable(record),
        };
    }

    eventClassNames(info) {
        const names = super.eventClassNames(info);
        const record = this.props.model.records[info.event.id];
        if (record) {
            names.push(`o_optica_kind_${record.rawRecord.kind}`);
            if (record.isHandled) {
                names.push("o_optica_handled");
            }
            if (record.isChip) {
                names.push("o_optica_chip");
            }
        }
        return names;
    }

    /** A count opens its list; a name its card. */
    onClick(info) {
        const record = this.props.model.records[info.event.id];
        return record.isChip ? this.props.editRecord(record) : super.onClick(info);
    }

    onDateClick(info) {
        if (!info.jsEvent.defaultPrevented && this.props.model.scale !== "day") {
            this.props.model.load({
                date: luxon.DateTime.fromJSDate(info.date),
                scale: "day",
            });
        }
    }
}

/** The small months show that something is there; a click on a day lists it. */
export class OccurrenceYearRenderer extends CalendarYearRenderer {
    get options() {
        return { ...super.options, editable: false };
    }
}

export class OccurrenceRenderer extends CalendarRenderer {
    static components = {
        ...CalendarRenderer.components,
        day: OccurrenceCommonRenderer,
        week: OccurrenceCommonRenderer,
        month: OccurrenceCommonRenderer,
        year: OccurrenceYearRenderer,
    };
}

/** Opening an occurrence means opening its customer, or the list that was counted. */
export class OccurrenceController extends CalendarController {
    get className() {
        return `${super.className || ""} o_optica_occurrence_calendar`;
    }

    async editRecord(record) {
        const { kind, date, is_handled: isHandled, is_chip: isChip } = record.rawRecord;
        const action = isChip
            ? await this.orm.call(this.model.resModel, "action_open_day", [
                  kind,
                  date,
                  isHandled,
                  this.model.searchDomain,
              ])
            : await this.orm.call(this.model.resModel, "action_open_customer", [[record.id]]);
        return this.action.doAction(answered(action));
    }
}

registry.category("views").add("optica_occurrence_calendar", {
    ...calendarView,
    Controller: OccurrenceController,
    Model: OccurrenceCalendarModel,
    Renderer: OccurrenceRenderer,
});
