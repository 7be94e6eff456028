// The few kinds of panels that the dashboards are made of. Every one has a unit, thresholds, and the data source that
// the reader has chosen.
import * as common from "@grafana/grafana-foundation-sdk/common";
import * as dashboard from "@grafana/grafana-foundation-sdk/dashboard";
import * as gauge from "@grafana/grafana-foundation-sdk/gauge";
import * as heatmap from "@grafana/grafana-foundation-sdk/heatmap";
import * as prometheus from "@grafana/grafana-foundation-sdk/prometheus";
import * as stat from "@grafana/grafana-foundation-sdk/stat";
import * as timeseries from "@grafana/grafana-foundation-sdk/timeseries";

const source = {type: "prometheus", uid: "${datasource}"};

/** Green, and from each given value on another colour; without any, what is shown is neither good nor bad. */
const thresholds = (steps = []) =>
  new dashboard.ThresholdsConfigBuilder()
    .mode(dashboard.ThresholdsMode.Absolute)
    .steps([{value: null, color: steps.length === 0 ? "blue" : "green"}, ...steps.map(([value, color]) => ({value, color}))]);

/** Warns from `warn` on, is bad from `bad` on. */
export const rising = (warn, bad) => [[warn, "yellow"], [bad, "red"]];
/** Bad below `good`. */
export const atLeast = (good) => [[Number.NEGATIVE_INFINITY, "red"], [good, "green"]];

const query = ({expr, legend = "", format}, index, instant) => {
  const made = new prometheus.DataqueryBuilder().datasource(source).expr(expr).legendFormat(legend).refId(String.fromCharCode(65 + index));
  if (format) made.format(format);
  return instant ? made.instant() : made.range();
};

const filled = (panel, {title, text, unit, steps, targets, wide, high, decimals}, instant) => {
  panel.title(title).description(text).datasource(source).unit(unit).span(wide).height(high);
  panel.thresholds(
    steps?.[0]?.[0] === Number.NEGATIVE_INFINITY
      ? new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps([{value: null, color: steps[0][1]}, ...steps.slice(1).map(([value, color]) => ({value, color}))])
      : thresholds(steps),
  );
  if (decimals !== undefined) panel.decimals(decimals);
  targets.forEach((target, index) => panel.withTarget(query(target, index, instant)));
  return panel;
};

/** One number. */
export const number = (what) =>
  filled(new stat.PanelBuilder(), {wide: 4, high: 4, ...what}, true)
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.Thresholds))
    .graphMode(common.BigValueGraphMode.None)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(["lastNotNull"]));

/** A number with a scale from `min` to `max`. */
export const dial = ({min, max, ...what}) =>
  filled(new gauge.PanelBuilder(), {wide: 4, high: 4, ...what}, true)
    .min(min)
    .max(max)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(["lastNotNull"]));

/** Lines over time; `stacked` ones add up. */
export const lines = ({stacked, ...what}) => {
  const panel = filled(new timeseries.PanelBuilder(), {wide: 12, high: 8, ...what}, false)
    .fillOpacity(stacked ? 30 : 8)
    .lineWidth(1)
    .showPoints(common.VisibilityMode.Never)
    .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending))
    .legend(new common.VizLegendOptionsBuilder().showLegend(true).displayMode(common.LegendDisplayMode.List).placement(common.LegendPlacement.Bottom));
  if (what.steps) panel.thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Line));
  if (stacked) panel.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal));
  return panel;
};

/** How a histogram's values are spread, over time. */
export const spread = (what) => {
  const targets = what.targets.map((target) => ({legend: "{{le}}", format: prometheus.PromQueryFormat.Heatmap, ...target}));
  return filled(new heatmap.PanelBuilder(), {wide: 12, high: 8, ...what, targets}, false).calculate(false);
};

/** A dashboard of rows of panels: [[heading, panels], …]. */
export function board({uid, title, text, variables = [], rows, from = "now-6h", refresh = "30s"}) {
  const made = new dashboard.DashboardBuilder(title)
    .uid(uid)
    .description(text)
    .tags(["usher"])
    .refresh(refresh)
    .time({from, to: "now"})
    .timezone("browser")
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .link(new dashboard.DashboardLinkBuilder("Usher").type(dashboard.DashboardLinkType.Dashboards).tags(["usher"]).asDropdown(true))
    .withVariable(new dashboard.DatasourceVariableBuilder("datasource").label("Data source").type("prometheus"));
  for (const variable of variables) made.withVariable(variable);
  for (const [heading, panels] of rows) {
    made.withRow(new dashboard.RowBuilder(heading));
    for (const panel of panels) made.withPanel(panel);
  }
  const built = made.build();
  numbered(built.panels);
  return built;
}

/** Ids by place, so that a link to a panel stays what it is. */
function numbered(panels) {
  let id = 0;
  for (const panel of panels) {
    panel.id = ++id;
    for (const inner of panel.panels ?? []) inner.id = ++id;
  }
}

/** A choice among tiers, of which any number may be taken. */
export const tierChoice = () =>
  new dashboard.QueryVariableBuilder("tier")
    .label("Tier")
    .datasource(source)
    .query("label_values(usher_tickets_open, tier)")
    .refresh(dashboard.VariableRefresh.OnDashboardLoad)
    .multi(true)
    .includeAll(true)
    .allValue(".*")
    .current({text: "All", value: "$__all", selected: true});

/** A quantile of a histogram's values, by labels. */
export const quantile = (q, name, {by = [], where = "", over = "$__rate_interval"} = {}) => `histogram_quantile(${q}, sum by (${["le", ...by].join(", ")}) (rate(${name}_bucket${where}[${over}])))`;
