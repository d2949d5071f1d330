import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useDebounced } from "@web/core/utils/timing";

const SEARCH_DELAY = 300;

/** The ranked list with its filters. */
export class WorkQueue extends Component {
    static template = "optica_cobranca.WorkQueue";
    static props = {
        filters: Object,
        options: Object,
        rows: Array,
        counts: Object,
        amount: String,
        current: String,
        hidden: Boolean,
        onFilter: Function,
        onOpen: Function,
        onMore: Function,
        onNext: Function,
    };

    setup() {
        this.statuses = [
            { key: "todo", label: _t("To Call") },
            { key: "later", label: _t("Later") },
            { key: "contacted", label: _t("Contacted") },
            { key: "held", label: _t("On Hold") },
            { key: "no_phone", label: _t("No Phone") },
            { key: "excluded", label: _t("Never Remind") },
        ];
        this.shares = [
            { key: "all", label: _t("Everybody's customers") },
            { key: "mine", label: _t("My customers") },
            { key: "pool", label: _t("Nobody's customers") },
        ];
        this.ratings = ["A", "B", "C", "D", "E"];
        this.search = useDebounced((value) => this.props.onFilter({ search: value }), SEARCH_DELAY);
        this.minimum = useDebounced((value) => this.props.onFilter({ min_amount: value }), SEARCH_DELAY);
    }

    get shown() {
        return this.props.filters.status || "todo";
    }

    get hasMore() {
        return this.props.rows.length < (this.props.counts[this.shown] || 0);
    }

    get narrowed() {
        const { band, rating, min_amount, search } = this.props.filters;
        return Boolean(band || rating || Number(min_amount) || search);
    }

    bandLabel(band) {
        return _t("%s days late", band);
    }

    clear() {
        return this.props.onFilter({ band: "", rating: "", min_amount: "", search: "" });
    }
}
