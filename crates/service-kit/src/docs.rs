//! Pages for people: the one to read an API's description by, and those that lead there. They are plain HTML made once at
//! the start, load nothing and run no script.

use std::fmt::Write;

use axum::{
    http::{HeaderName, header},
    response::{Html, IntoResponse},
};
use serde_json::Value;
use wire::{GATEWAY_HEALTH, ROUTES};

const HEAD: &str = r#"<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;color:#1c2733;background:#fff}
h1{margin-bottom:0}h2{margin-top:2.5rem;font:600 1.1rem ui-monospace,monospace}
b.method{display:inline-block;min-width:4.2em;color:#0b5cad}table{border-collapse:collapse;width:100%;margin:.5rem 0}
td,th{border-top:1px solid #d5dce3;padding:.3rem .6rem;text-align:left;vertical-align:top}
code,pre{font:.9rem ui-monospace,monospace}pre{background:#f3f5f8;padding:.8rem;overflow-x:auto}
@media(prefers-color-scheme:dark){body{color:#dfe6ee;background:#12181f}b.method{color:#79b8ff}pre{background:#1b232d}
td,th{border-color:#33404e}}
</style>"#;

/// A page, and what it may do in a browser.
pub(crate) type Page = ([(HeaderName, &'static str); 1], Html<String>);

fn of(text: String) -> Page {
    const STYLE_ALONE: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    ([(header::CONTENT_SECURITY_POLICY, STYLE_ALONE)], Html(text))
}

/// What a service says of itself at its root. The paths hold behind a gateway and without one.
pub(crate) fn index(service: &str, prefix: &str) -> Page {
    let paths = ["docs", "openapi.json", "health"].map(|name| format!("{prefix}/{name}"));
    links(&format!("W2Meet {service}"), &paths)
}

/// What a gateway says at `/docs`: where the services describe theirs.
pub(crate) fn gateway_page() -> impl IntoResponse + Clone {
    let docs = ROUTES.iter().map(|route| format!("{}/docs", route.prefix));
    links("W2Meet", &docs.chain([GATEWAY_HEALTH.to_owned()]).collect::<Vec<_>>())
}

fn links(title: &str, paths: &[String]) -> Page {
    let items = paths.iter().map(|path| format!("<li><a href=\"{path}\">{path}</a>")).collect::<String>();
    of(format!("{HEAD}<title>{title}</title><h1>{title}</h1><ul>{items}</ul>"))
}

/// The whole page for one API behind a gateway, where each path has the `prefix`. It has no links.
pub(crate) fn page(api: &Value, prefix: &str) -> Page {
    let title = escape_html(text(&api["info"]["title"]));
    let mut page =
        format!("{HEAD}<title>{title}</title><h1>{title}</h1><p>Version {}. ", text(&api["info"]["version"]));
    page.push_str("The same as data: <code>openapi.json</code>, beside this page.</p>");
    for (path, item) in members(&api["paths"]) {
        for (method, operation) in members(item) {
            write_operation(&mut page, &format!("{prefix}{path}"), method, operation);
        }
    }
    page.push_str("<h2>Schemas</h2>");
    for (name, schema) in members(&api["components"]["schemas"]) {
        let schema = serde_json::to_string_pretty(schema).unwrap_or_default();
        push(
            &mut page,
            format_args!(
                "<details><summary><code>{name}</code></summary><pre>{}</pre></details>",
                escape_html(&schema)
            ),
        );
    }
    of(page)
}

fn write_operation(page: &mut String, path: &str, method: &str, operation: &Value) {
    let summary = [&operation["summary"], &operation["description"]].map(text).join(" ");
    push(
        page,
        format_args!(
            "<h2><b class=method>{}</b>{}</h2><p>{}</p><table>",
            method.to_uppercase(),
            escape_html(path),
            escape_html(summary.trim())
        ),
    );
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let need = if parameter["required"] == true { "required" } else { "optional" };
        let kind = format!("{}, {need}", text(&parameter["in"]));
        write_row(page, text(&parameter["name"]), &kind, text(&parameter["description"]));
    }
    for (kind, body) in members(&operation["requestBody"]["content"]) {
        write_row(page, "body", kind, &schema_name(&body["schema"]));
    }
    for (status, reply) in members(&operation["responses"]) {
        let schema =
            members(&reply["content"]).map(|(_, body)| schema_name(&body["schema"])).collect::<String>();
        write_row(page, status, &schema, text(&reply["description"]));
    }
    page.push_str("</table>");
}

fn write_row(page: &mut String, name: &str, kind: &str, description: &str) {
    let [name, kind, description] = [name, kind, description].map(escape_html);
    push(page, format_args!("<tr><th><code>{name}</code><td>{kind}<td>{description}"));
}

fn schema_name(schema: &Value) -> String {
    text(&schema["$ref"]).rsplit('/').next().unwrap_or_default().to_owned()
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A text as it may stand in HTML, between tags and in quoted attributes.
pub fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn push(page: &mut String, piece: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = page.write_fmt(piece);
}
