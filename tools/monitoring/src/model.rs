//! What a dashboard is made of, and how Grafana writes it down (schema version 39, Grafana 10 to 12).

use serde_json::{Value, json};

/// Grafana's grid is so many columns wide.
const COLUMNS: u32 = 24;

/// How a panel shows its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One number for each series, the last one.
    Number,
    /// Lines over time.
    Lines,
    /// The buckets of a histogram over time, by colour.
    HeatMap,
}

#[derive(Clone, Debug)]
pub struct Query {
    /// In PromQL; `$service` and `$__rate_interval` are filled in by Grafana.
    pub expr: String,
    /// What its series are called, with `{{label}}`.
    pub legend: &'static str,
}

#[derive(Clone, Debug)]
pub struct Panel {
    pub title: &'static str,
    pub description: &'static str,
    pub shape: Shape,
    /// Grafana's name of the unit: `reqps`, `s`, `percentunit`, `short`, `bytes`, …
    pub unit: &'static str,
    /// Columns of the 24.
    pub width: u32,
    pub queries: Vec<Query>,
    /// From this value on, and from there on, it is shown in orange and in red.
    pub thresholds: Option<[f64; 2]>,
}

impl Panel {
    /// A panel of a third of the width without queries.
    pub fn new(shape: Shape, title: &'static str, unit: &'static str, description: &'static str) -> Panel {
        let width = if shape == Shape::Number { 6 } else { 8 };
        Panel { title, description, shape, unit, width, queries: Vec::new(), thresholds: None }
    }

    #[must_use]
    pub fn query(mut self, legend: &'static str, expr: impl Into<String>) -> Panel {
        self.queries.push(Query { expr: expr.into(), legend });
        self
    }

    #[must_use]
    pub fn width(mut self, width: u32) -> Panel {
        self.width = width;
        self
    }

    /// With a value from which it is orange, and one from which it is red; for a value that should be high, orange and
    /// red are below.
    #[must_use]
    pub fn thresholds(mut self, orange: f64, red: f64) -> Panel {
        self.thresholds = Some([orange, red]);
        self
    }

    fn height(&self) -> u32 {
        if self.shape == Shape::Number { 4 } else { 8 }
    }

    fn json(&self, id: usize, x: u32, y: u32) -> Value {
        let targets: Vec<Value> = ('A'..)
            .zip(&self.queries)
            .map(|(letter, query)| {
                json!({
                    "datasource": datasource(),
                    "expr": query.expr,
                    "legendFormat": query.legend,
                    "refId": letter.to_string(),
                    "format": if self.shape == Shape::HeatMap { "heatmap" } else { "time_series" },
                    "instant": self.shape == Shape::Number,
                    "range": self.shape != Shape::Number,
                })
            })
            .collect();
        json!({
            "id": id,
            "type": self.kind(),
            "title": self.title,
            "description": self.description,
            "datasource": datasource(),
            "gridPos": { "x": x, "y": y, "w": self.width, "h": self.height() },
            "targets": targets,
            "fieldConfig": { "defaults": self.field_defaults(), "overrides": [] },
            "options": self.options(),
        })
    }

    fn kind(&self) -> &'static str {
        match self.shape {
            Shape::Number => "stat",
            Shape::Lines => "timeseries",
            Shape::HeatMap => "heatmap",
        }
    }

    fn field_defaults(&self) -> Value {
        let steps = match self.thresholds {
            None => json!([{ "color": "green", "value": null }]),
            Some([orange, red]) if orange <= red => json!([
                { "color": "green", "value": null },
                { "color": "orange", "value": orange },
                { "color": "red", "value": red },
            ]),
            Some([orange, red]) => json!([
                { "color": "red", "value": null },
                { "color": "orange", "value": red },
                { "color": "green", "value": orange },
            ]),
        };
        let custom = match self.shape {
            Shape::Lines => json!({ "fillOpacity": 10, "showPoints": "never", "spanNulls": false }),
            Shape::Number | Shape::HeatMap => json!({}),
        };
        json!({
            "unit": self.unit,
            "color": { "mode": if self.shape == Shape::Number { "thresholds" } else { "palette-classic" } },
            "thresholds": { "mode": "absolute", "steps": steps },
            "custom": custom,
        })
    }

    fn options(&self) -> Value {
        match self.shape {
            Shape::Number => json!({
                "reduceOptions": { "calcs": ["lastNotNull"], "fields": "", "values": false },
                "colorMode": "value",
                "graphMode": "none",
                "textMode": "auto",
            }),
            Shape::Lines => json!({
                "legend": { "displayMode": "list", "placement": "bottom", "showLegend": true },
                "tooltip": { "mode": "multi", "sort": "desc" },
            }),
            Shape::HeatMap => json!({
                "calculate": false,
                "color": { "mode": "scheme", "scheme": "Oranges", "steps": 64 },
                "yAxis": { "unit": self.unit },
                "tooltip": { "mode": "single", "showColorScale": true },
            }),
        }
    }
}

/// Panels under a heading.
#[derive(Clone, Debug)]
pub struct Row {
    pub title: &'static str,
    /// What stands below it, from left to right and then down.
    pub panels: Vec<Panel>,
}

#[derive(Clone, Debug)]
pub struct Dashboard {
    /// By which links and bookmarks find it; never changes.
    pub uid: &'static str,
    pub title: &'static str,
    pub description: &'static str,
    /// Whether it is about one service at a time, chosen as `$service`.
    pub by_service: bool,
    pub rows: Vec<Row>,
}

impl Dashboard {
    pub fn file_name(&self) -> String {
        format!("{}.json", self.uid)
    }

    pub fn panels(&self) -> impl Iterator<Item = &Panel> {
        self.rows.iter().flat_map(|row| &row.panels)
    }

    pub fn text(&self) -> String {
        format!("{:#}\n", self.json())
    }

    fn json(&self) -> Value {
        json!({
            "id": null,
            "uid": self.uid,
            "title": self.title,
            "description": self.description,
            "tags": ["w2meet"],
            "schemaVersion": 39,
            "version": 1,
            "editable": false,
            "graphTooltip": 1,
            "refresh": "30s",
            "time": { "from": "now-1h", "to": "now" },
            "timezone": "",
            "templating": { "list": self.variables() },
            "annotations": { "list": [restarts()] },
            "links": links(),
            "panels": self.placed(),
        })
    }

    fn placed(&self) -> Vec<Value> {
        let mut placed = Vec::new();
        let mut y = 0;
        for row in &self.rows {
            placed.push(json!({
                "id": placed.len() + 1,
                "type": "row",
                "title": row.title,
                "collapsed": false,
                "gridPos": { "x": 0, "y": y, "w": COLUMNS, "h": 1 },
                "panels": [],
            }));
            y += 1;
            let (mut x, mut height) = (0, 0);
            for panel in &row.panels {
                if x + panel.width > COLUMNS {
                    (x, y, height) = (0, y + height, 0);
                }
                placed.push(panel.json(placed.len() + 1, x, y));
                x += panel.width;
                height = height.max(panel.height());
            }
            y += height;
        }
        placed
    }

    fn variables(&self) -> Vec<Value> {
        let source = |name: &str, label: &str, kind: &str| json!({ "name": name, "label": label, "type": "datasource", "query": kind, "refresh": 1, "hide": 0 });
        let text = |name: &str, label: &str| json!({ "name": name, "label": label, "type": "textbox", "query": "", "current": { "text": "", "value": "" }, "hide": 0 });
        let mut variables = vec![source("datasource", "Metrics", "prometheus")];
        if self.by_service {
            let query = "label_values(http_server_active_requests, service_name)";
            variables.push(json!({
                "name": "service",
                "label": "Service",
                "type": "query",
                "datasource": datasource(),
                "definition": query,
                "query": { "query": query, "refId": "service" },
                "refresh": 2,
                "sort": 1,
                "includeAll": false,
                "multi": false,
                "hide": 0,
            }));
        }
        variables.extend([
            source("traces", "Traces", "jaeger"),
            source("logs", "Logs", "loki"),
            text("trace_id", "Trace"),
            text("case_id", "Case-ID"),
        ]);
        variables
    }
}

/// The source of every panel.
fn datasource() -> Value {
    json!({ "type": "prometheus", "uid": "${datasource}" })
}

/// A line in all panels where a process started.
fn restarts() -> Value {
    json!({
        "name": "Starts",
        "datasource": datasource(),
        "enable": true,
        "expr": "changes(process_start_time_seconds[1m]) > 0",
        "iconColor": "orange",
        "titleFormat": "{{instance}} started",
    })
}

/// To the other dashboards, to the trace whose id was entered, and to the logs of the Case-ID that was.
fn links() -> Value {
    let explore = |title: &str, source: &str, kind: &str, query: &str| {
        let panes = format!(
            "{{\"a\":{{\"datasource\":\"{source}\",\"queries\":[{{\"refId\":\"A\",\"datasource\":{{\"type\":\"{kind}\",\
             \"uid\":\"{source}\"}},{query}}}],\"range\":{{\"from\":\"now-6h\",\"to\":\"now\"}}}}}}"
        );
        json!({
            "title": title,
            "type": "link",
            "url": format!("/explore?schemaVersion=1&panes={}", escaped(&panes)),
            "targetBlank": true,
            "includeVars": false,
            "keepTime": false,
        })
    };
    json!([
        { "title": "W2Meet", "type": "dashboards", "tags": ["w2meet"], "asDropdown": false, "includeVars": true, "keepTime": true },
        explore("Trace $trace_id", "${traces}", "jaeger", "\"query\":\"${trace_id}\""),
        explore(
            "Logs of $case_id",
            "${logs}",
            "loki",
            "\"expr\":\"{app_kubernetes_io_part_of=\\\"w2meet\\\"} |= `${case_id}`\""
        ),
    ])
}

/// As a value in a URL; what Grafana fills in stays as it is.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        match c {
            '"' => escaped.push_str("%22"),
            ' ' => escaped.push_str("%20"),
            '|' => escaped.push_str("%7C"),
            '`' => escaped.push_str("%60"),
            '=' => escaped.push_str("%3D"),
            '\\' => escaped.push_str("%5C"),
            c => escaped.push(c),
        }
    }
    escaped
}
