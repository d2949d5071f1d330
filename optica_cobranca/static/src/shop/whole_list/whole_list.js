import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";

import { useEffect, useState } from "@odoo/owl";

const formatters = registry.category("formatters");

/**
 * A list whose totals are those of all the records found, not of the page shown.
 *
 * They are asked of the server when there is more than one page; marking single records shows the
 * total of those, as everywhere in Odoo.
 */
export class WholeListRenderer extends ListRenderer {
    setup() {
        super.setup();
        this.orm = useService("orm");
        this.whole = useState({ totals: null });
        // A list that was loaded again has another array of records.
        useEffect(
            () => {
                this.readTotals();
            },
            () => [this.props.list.records, this.props.list.count]
        );
    }

    get hasMorePages() {
        const { list } = this.props;
        return !list.isGrouped && list.count > list.records.length;
    }

    get summedFields() {
        return this.allColumns
            .filter((column) => column.type === "field" && column.attrs.sum)
            .map((column) => column.name)
            .filter((name) => this.props.list.fields[name].aggregator === "sum");
    }

    async readTotals() {
        this.whole.totals = null;
        const names = this.summedFields;
        if (!this.hasMorePages || !names.length) {
            return;
        }
        const { list } = this.props;
        const { domain, records } = list;
        const [row] = await this.orm.formattedReadGroup(
            list.resModel,
            domain,
            [],
            names.map((name) => `${name}:sum`),
            { context: list.context }
        );
        // Who has gone on to another page or filter meanwhile waits for that answer.
        if (records === list.records) {
            this.whole.totals = Object.fromEntries(names.map((name) => [name, row[`${name}:sum`]]));
        }
    }

    computeAggregates() {
        const aggregates = super.computeAggregates();
        const { list } = this.props;
        const { totals } = this.whole;
        if (!totals || !this.hasMorePages || (list.selection.length && !list.isDomainSelected)) {
            return aggregates;
        }
        for (const column of this.columns) {
            const shown = aggregates[column.name];
            if (!shown || shown.multiCurrency || !(column.name in totals)) {
                continue;
            }
            shown.rawValue = totals[column.name] || 0;
            shown.value = this.formatTotal(column, shown.rawValue);
            shown.help = _t("Total of all %s records found", list.count);
        }
        return aggregates;
    }

    formatTotal(column, value) {
        const { type } = this.fields[column.name];
        const formatter = formatters.get(column.widget, false) || formatters.get(type);
        const options = { escape: true };
        if (column.attrs.digits) {
            options.digits = JSON.parse(column.attrs.digits);
        }
        const currency = this.props.list.records[0]?.data[this.getCurrencyField(column)];
        if (currency) {
            options.currencyId = currency.id;
        }
        return formatter(value, options);
    }
}

registry.category("views").add("optica_whole_list", { ...listView, Renderer: WholeListRenderer });
