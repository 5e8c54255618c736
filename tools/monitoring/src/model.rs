//! What a dashboard is made of.

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

    pub fn query(mut self, legend: &'static str, expr: impl Into<String>) -> Panel {
        self.queries.push(Query { expr: expr.into(), legend });
        self
    }

    pub fn width(mut self, width: u32) -> Panel {
        self.width = width;
        self
    }

    /// With a value from which it is orange, and one from which it is red; for a value that should be high, orange and
    /// red are below.
    pub fn thresholds(mut self, orange: f64, red: f64) -> Panel {
        self.thresholds = Some([orange, red]);
        self
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
}
