//! How Grafana writes a dashboard down (schema version 39, Grafana 10 to 12).

use percent_encoding::{AsciiSet, CONTROLS, PercentEncode, utf8_percent_encode};
use serde_json::{Value, json};

use crate::model::{Dashboard, Panel, Shape};

/// Grafana's grid is so many columns wide.
const COLUMNS: u32 = 24;
const ESCAPED: &AsciiSet = &CONTROLS.add(b'"').add(b' ').add(b'|').add(b'`').add(b'=').add(b'\\');

impl Panel {
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

impl Dashboard {
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
fn escaped(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, ESCAPED)
}
