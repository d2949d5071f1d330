import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { serializeDate } from "@web/core/l10n/dates";
import { Domain } from "@web/core/domain";
import { _t } from "@web/core/l10n/translation";
import { CalendarModel } from "@web/views/calendar/calendar_model";

/** Kinds that a day can be changed of by dragging; the server asks and refuses. */
const MOVABLE = ["delivery_promised", "delivery_late", "promise_due"];
const HANDLED = "is_handled";

/**
 * One call for a whole month: names where there are few, and where there are many a count and a
 * sum for each day and kind, so that a large shop waits no longer than a small one.
 */
export class OccurrenceCalendarModel extends CalendarModel {
    static services = [...CalendarModel.services, "dialog"];

    setup(params, services) {
        super.setup(params, services);
        this.dialog = services.dialog;
    }

    /** Whether anything can be dragged; each occurrence says for itself. */
    get canEdit() {
        return true;
    }

    isMovable(record) {
        return !record.rawRecord.is_chip && MOVABLE.includes(record.rawRecord.kind);
    }

    // --------------------------------------------------------------- loading

    /** What the search bar asks for; the range is told apart. */
    get searchDomain() {
        return new Domain(this.meta.domain).toList(this.meta.context);
    }

    async loadRecords(data) {
        const { context, fieldNames, activeFields, resModel, scale } = this.meta;
        const names = [...new Set([...fieldNames, ...Object.keys(activeFields), HANDLED])];
        const { records, days } = await this.orm.call(
            resModel,
            "load_calendar",
            [
                this.searchDomain,
                serializeDate(data.range.start),
                serializeDate(data.range.end),
                scale,
                names,
            ],
            { context }
        );
        const found = {};
        for (const record of records) {
            found[record.id] = this.normalizeRecord(record);
        }
        days.forEach((day, index) => {
            // Ids of records are positive.
            const id = -index - 1;
            found[id] = this.normalizeRecord({ ...day, id, is_chip: true, display_name: day.title });
        });
        return found;
    }

    normalizeRecord(rawRecord) {
        return {
            ...super.normalizeRecord(rawRecord),
            isHandled: rawRecord[HANDLED],
            isChip: Boolean(rawRecord.is_chip),
        };
    }

    makeFilterDynamic(filterInfo, previousFilter, fieldName, rawFilter, rawColors) {
        const filter = super.makeFilterDynamic(...arguments);
        if (fieldName !== HANDLED) {
            return filter;
        }
        return { ...filter, label: rawFilter.id ? _t("Handled") : _t("To Do"), colorIndex: null };
    }

    // -------------------------------------------------------------- dragging

    /** Ask before the record changes; whatever happens, the calendar shows what is true. */
    async updateRecord(record) {
        const day = serializeDate(record.start);
        const call = (method) => this.orm.call(this.resModel, method, [[record.id], day]);
        try {
            const question = await call("question_of_move");
            if (await this.ask(question)) {
                await call("move_to");
            }
        } finally {
            await this.load();
        }
    }

    ask(question) {
        return new Promise((resolve) => {
            this.dialog.add(
                ConfirmationDialog,
                {
                    title: _t("Another day?"),
                    body: question,
                    confirmLabel: _t("Change the Day"),
                    cancelLabel: _t("Leave It"),
                    confirm: () => resolve(true),
                    cancel: () => resolve(false),
                },
                { onClose: () => resolve(false) }
            );
        });
    }
}
